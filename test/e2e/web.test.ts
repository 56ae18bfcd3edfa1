/** All BMCs as one Redfish service, by the process that `[web] listen` starts. */
import assert from "node:assert/strict";
import { request } from "node:https";
import { after, before, describe, test } from "node:test";

import { ask, type HttpsAnswer, type HttpsQuestion } from "../support/httpsClient.js";
import { patiently } from "../support/patience.js";
import { freeTcpPort } from "../support/ports.js";
import { startTwoBmcs, type TwoBmcs } from "../support/twoBmcs.js";

describe("one Redfish service for all BMCs", () => {
  let bmcs: TwoBmcs;
  let port: number;

  before(async () => {
    port = await freeTcpPort();
    bmcs = await startTwoBmcs({ configuration: `[web]\nlisten = ${port}\n` });
    await bmcs.daemon.logged("the page is served");
  });
  after(() => bmcs.close());

  const get = (path: string, question: Partial<HttpsQuestion> = {}): Promise<HttpsAnswer> =>
    ask({ port, path, auth: "admin:password", ...question });
  const read = async (path: string): Promise<Record<string, unknown>> =>
    JSON.parse((await get(path)).body) as Record<string, unknown>;

  test("the accounts of the BMCs see their BMCs, though none of them has a Redfish port", async () => {
    const { Members: members } = await read("/redfish/v1/Systems");
    assert.deepEqual(members, [
      { "@odata.id": "/redfish/v1/Systems/lab-01" },
      { "@odata.id": "/redfish/v1/Systems/lab-02" },
    ]);
    const system = await read("/redfish/v1/Systems/lab-01");
    assert.equal(system["PowerState"], "Off");
    assert.equal(system["Id"], "lab-01");
    assert.equal((await get("/redfish/v1/Systems", { auth: "admin:wrong" })).status, 401);
    assert.equal((await get("/redfish/v1/Systems/lab-03")).status, 404);
  });

  test("a reset reaches the VM, and the event stream tells what it changed", async () => {
    const events = listen(port);
    await patiently(events.opened, () => "the event stream does not open");
    const reset = "/redfish/v1/Systems/lab-02/Actions/ComputerSystem.Reset";
    const { status, body } = await get(reset, { method: "POST", json: { ResetType: "On" } });
    assert.equal(status, 204, body);
    await patiently(events.received(/ResourcePoweredOn.*Systems\/lab-02/), () => `no event: ${events.text()}`);
    events.close();
    assert.equal(bmcs.vm("lab-02").powerState, "poweredOn");
    assert.equal(bmcs.vm("lab-01").powerState, "poweredOff");
  });

  test("what is known of each BMC comes in one answer", async () => {
    const { Members: rows } = (await read("/redfish/v1/Oem/Vbmc/Bmcs")) as { Members: Record<string, unknown>[] };
    assert.deepEqual(
      rows.map(({ Id, State, PowerState, Address }) => ({ Id, State, PowerState, Address })),
      [
        { Id: "lab-01", State: "running", PowerState: "Off", Address: "127.0.0.1" },
        { Id: "lab-02", State: "running", PowerState: "On", Address: "127.0.0.1" },
      ],
    );
  });
});

interface Stream {
  readonly opened: Promise<void>;
  readonly received: (pattern: RegExp) => Promise<void>;
  readonly text: () => string;
  readonly close: () => void;
}

function listen(port: number): Stream {
  let text = "";
  const checks = new Set<() => void>();
  const until = (isTrue: () => boolean): Promise<void> => {
    const isSo = new Promise<void>((resolve) => {
      const check = (): void => {
        if (isTrue()) {
          checks.delete(check);
          resolve();
        }
      };
      checks.add(check);
      check();
    });
    return patiently(isSo, () => `the stream ends with ${text.slice(-1_000)}`);
  };
  const asked = request(
    {
      port,
      host: "127.0.0.1",
      path: "/redfish/v1/EventService/SSE",
      auth: "admin:password",
      rejectUnauthorized: false,
    },
    (response) => {
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        checks.forEach((check) => check());
      });
    },
  );
  asked.on("error", () => undefined);
  asked.end();
  return {
    opened: until(() => text !== ""),
    received: (pattern) => until(() => pattern.test(text)),
    text: () => text,
    close: () => asked.destroy(),
  };
}
