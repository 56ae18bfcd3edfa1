/** When the serial ports of VMs are connected again whose consoles are missing. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { pino } from "pino";

import { createReconnects, type ReconnectCandidate } from "../../../src/process/supervisor/console/reconnects.js";

const second = 1_000;

function lab() {
  let candidates: ReconnectCandidate[] = [];
  let time = 0;
  const asked: string[] = [];
  let answer: (name: string) => Promise<boolean> = () => Promise.resolve(true);
  const reconnects = createReconnects({
    consoles: () => candidates,
    reconnect: (name) => {
      asked.push(`${name} at ${time / second}`);
      return answer(name);
    },
    log: pino({ level: "silent" }),
    now: () => time,
  });
  return {
    asked,
    are: (...next: (readonly [name: string, isOn: boolean, isConnected: boolean])[]) => {
      candidates = next.map(([name, isOn, isConnected]) => ({ name, isOn, isConnected }));
    },
    answers: (next: typeof answer) => {
      answer = next;
    },
    /** Looks every 10 s until then. */
    until: async (seconds: number) => {
      for (; time <= seconds * second; time += 10 * second) {
        reconnects.check();
        await Promise.resolve();
        await Promise.resolve();
      }
    },
  };
}

test("only a VM that is on and not connected for twenty seconds is connected again, and then ever less often", async () => {
  const { are, until, asked } = lab();
  are(["on", true, false], ["connected", true, true], ["off", false, false]);
  await until(7_200);
  assert.deepEqual(asked, ["on at 20", "on at 320", "on at 2120"]);
});

test("one that has connected, or was off, in between is a new case", async () => {
  const { are, until, asked } = lab();
  are(["vm", true, false]);
  await until(40);
  are(["vm", true, true]);
  await until(100);
  are(["vm", true, false]);
  await until(120);
  assert.deepEqual(asked, ["vm at 20"]);
  await until(140);
  assert.deepEqual(asked, ["vm at 20", "vm at 130"]);
});

test("a VM without the port is asked for once; a failure is tried again later", async () => {
  const { are, until, asked, answers } = lab();
  are(["none", true, false], ["fails", true, false]);
  answers((name) => (name === "none" ? Promise.resolve(false) : Promise.reject(new Error("no privilege"))));
  await until(400);
  assert.deepEqual(asked, ["none at 20", "fails at 20", "fails at 320"]);
});

test("of many, four are under way at a time", async () => {
  const { are, until, asked, answers } = lab();
  are(...Array.from({ length: 20 }, (_, index) => [`vm-${index}`, true, false] as const));
  answers(() => new Promise(() => undefined));
  await until(600);
  assert.equal(asked.length, 4);
});
