import assert from "node:assert/strict";
import { test } from "node:test";
import type { FromChild } from "../../src/child/messages.js";
import { createObservation } from "../../src/child/observation.js";
import { createSupervisorChannel } from "../../src/child/supervisorChannel.js";

test("of refused log-ins only those that were logged become events, so that strangers cannot fill what is kept", () => {
  const sent: FromChild[] = [];
  const channel = createSupervisorChannel((message) => sent.push(message));
  const { observation, stop } = createObservation("vm1", channel, { openSessions: () => 0, sessionTimeoutMs: 60_000 });
  const failure = {
    reason: "wrong password",
    user: { id: 2, name: "admin" },
    source: "192.0.2.1",
    disablesUser: false,
  } as const;
  observation.onLoginFailed({ ...failure, count: 1, isLogged: true });
  observation.onLoginFailed({ ...failure, count: 2, isLogged: false });
  stop();
  const event = { kind: "login", source: "192.0.2.1", user: "admin", text: "login refused: wrong password" };
  assert.deepEqual(sent, [{ type: "event", vmName: "vm1", event }]);
});
