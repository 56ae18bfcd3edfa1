import assert from "node:assert/strict";
import { test } from "node:test";

import type { AbandonedLogin, SeenCommand } from "../../../src/protocol/ipmi/observer.js";
import { openPlainPacket, openSessionRequest, plainPacket, rakp1, rakp3 } from "../../support/packets.js";
import { createTestBmc, logIn, type TestBmc } from "../../support/testBmc.js";

const chassis = 0x00;

function observed() {
  const commands: SeenCommand[] = [];
  const abandoned: AbandonedLogin[] = [];
  const bmc = createTestBmc(
    {},
    { onCommand: (seen) => commands.push(seen), onLoginAbandoned: (login) => abandoned.push(login) },
  );
  return { bmc, commands, abandoned };
}

/** Sends Open Session and RAKP Message 1 of a login with cipher suite 3; returns the managed system session ID. */
function beginLogin(bmc: TestBmc, name: string): number {
  const [opened] = bmc.exchange(plainPacket(0x10, openSessionRequest(1, 1, 1)));
  const id = openPlainPacket(opened!).payload.readUInt32LE(8);
  bmc.exchange(plainPacket(0x12, rakp1(id, name)));
  return id;
}

test("commands that change something are seen with what they ask for, who asks and from where", async () => {
  const { bmc, commands } = observed();
  const session = logIn(bmc);
  await session.request(chassis, 0x02, [0x00]);
  await session.request(0x06, 0x3b, [0x04]);
  await session.request(chassis, 0x02, [0x01]);
  await session.request(chassis, 0x08, [0x05, 0x80, 0x04, 0, 0, 0]);
  await session.request(chassis, 0x08, [0x00, 0x01]);
  await session.request(chassis, 0x02, [0x0f]);
  await session.request(chassis, 0x01);
  await session.request(0x0c, 0x7f);
  const seen = commands.map(({ change, completionCode, user, source }) => [change, completionCode, user, source]);
  assert.deepEqual(seen, [
    ["power off", 0xd4, "admin", "192.0.2.1"],
    [undefined, 0x00, "admin", "192.0.2.1"],
    ["power on", 0x00, "admin", "192.0.2.1"],
    ["boot device: pxe, next boot only", 0x00, "admin", "192.0.2.1"],
    [undefined, 0x00, "admin", "192.0.2.1"],
    [undefined, 0xcc, "admin", "192.0.2.1"],
    [undefined, 0x00, "admin", "192.0.2.1"],
    [undefined, 0xc1, "admin", "192.0.2.1"],
  ]);
});

test("a login that ends after RAKP Message 2, as ipmitool's with a wrong password does, is seen a minute later", () => {
  const { bmc, abandoned } = observed();
  beginLogin(bmc, "admin");
  bmc.pass(59_999);
  assert.deepEqual(abandoned, []);
  bmc.pass(1);
  assert.deepEqual(abandoned, [{ source: "192.0.2.1", user: "admin" }]);
});

test("a login that was refused or never came to RAKP Message 2 is not given up by its console", () => {
  const { bmc, abandoned } = observed();
  beginLogin(bmc, "unknown");
  bmc.exchange(plainPacket(0x10, openSessionRequest(1, 1, 1)));
  bmc.exchange(plainPacket(0x14, rakp3(beginLogin(bmc, "admin"), Buffer.alloc(20, 9))));
  bmc.pass(120_000);
  assert.deepEqual(abandoned, []);
});

test("a session that was open and idle ends without being taken for a login given up (§6.12.15)", () => {
  const { bmc, abandoned } = observed();
  logIn(bmc);
  assert.equal(bmc.responder.openSessions(), 1);
  bmc.pass(120_000);
  assert.equal(bmc.responder.openSessions(), 0);
  assert.deepEqual(abandoned, []);
});
