import assert from "node:assert/strict";
import { test } from "node:test";

import { recordKind, recordOrigin, recordText } from "../../../src/model/sel/recordText.js";

/** A system event of 2026-11-24 20:34:24 UTC from generator 20h: `rest` is sensor type, number, event, data. */
const systemEvent = (rest: string, generator = "2000"): Buffer =>
  Buffer.from(`010002d0f4056b${generator}04${rest}`.replaceAll(" ", ""), "hex");

/** Record → what `ipmitool sel list` 1.8.19 shows behind its time, and what we add to it. */
const cases: readonly (readonly [string, string])[] = [
  ["28 30 07 00ffff", "Management Subsys Health #0x30 | Transition to OK | Asserted"],
  ["16 30 0a 00ffff", "Microcontroller #0x30 | Transition to Running | Asserted"],
  ["09 01 ef a04211", "Power Unit #0x01 | Power off/down | Deasserted: powered on by user 2, whose address ends in 17"],
  ["09 01 6f a042fe", "Power Unit #0x01 | Power off/down | Asserted: powered off by user 2, whose address ends in 254"],
  ["09 01 6f a000ff", "Power Unit #0x01 | Power off/down | Asserted: powered off by vSphere or the guest"],
  ["09 01 6f a080ff", "Power Unit #0x01 | Power off/down | Asserted: powered off by the watchdog"],
  ["09 01 ef a0c0ff", "Power Unit #0x01 | Power off/down | Deasserted: powered on by the power restore policy"],
  ["09 01 6f a14311", "Power Unit #0x01 | Power cycle | Asserted: by user 3, whose address ends in 17"],
  [
    "1d 32 6f a14211",
    "System Boot Initiated #0x32 | Initiated by hard reset | Asserted: by user 2, whose address ends in 17",
  ],
  ["1f 34 6f 06ffff", "OS Boot #0x34 | boot completed - device not specified | Asserted"],
  ["13 33 6f a04211", "Critical Interrupt #0x33 | NMI/Diag Interrupt | Asserted: by user 2, whose address ends in 17"],
  ["09 01 6f 05ffff", "Power Unit #0x01 | Soft-power control failure | Asserted"],
  ["28 35 6f 01ffff", "Management Subsys Health #0x35 | Controller access degraded or unavailable | Asserted"],
  ["10 06 6f 02ffff", "Event Logging Disabled #0x06 | Log area reset/cleared | Asserted"],
  ["23 05 6f c103ff", "Watchdog2 #0x05 | Hard reset | Asserted"],
  ["23 05 6f c803ff", "Watchdog2 #0x05 | Timer interrupt | Asserted"],
  ["01 20 01 59ffff", "Temperature #0x20 | Upper Critical going high | Asserted"],
];

for (const [bytes, text] of cases) {
  test(`${bytes} is "${text}" (tables 42-2, 42-3)`, () => {
    assert.equal(recordText(systemEvent(bytes)), text);
  });
}

test("ipmitool has no words for refused logins; the specification has (table 42-3, 2Ah)", () => {
  assert.equal(
    recordText(systemEvent("2a 31 6f f20201")),
    "Session Audit #0x31 | Invalid user name or password | Asserted",
  );
  assert.equal(recordText(systemEvent("2a 31 6f f30201")), "Session Audit #0x31 | Invalid password disable | Asserted");
});

test("a client's own record is not taken for ours: bytes 2 and 3 say nothing of a hand then", () => {
  const foreign = systemEvent("09 01 ef a04211", "4100");
  assert.equal(recordText(foreign), "Power Unit #0x01 | Power off/down | Deasserted: powered on");
  assert.deepEqual([recordOrigin(foreign), recordKind(systemEvent("16 30 0a 00ffff", "4100"))], [undefined, "other"]);
});

test("what no table has, and OEM records, are shown as numbers; no record whatsoever is refused", () => {
  assert.equal(recordText(systemEvent("c0 7f 6f 04ffff")), "Sensor type C0h #0x7f | event 6Fh offset 04h | Asserted");
  assert.equal(
    recordText(Buffer.from("0100e0000102030405060708090a0b0c", "hex")),
    "OEM record e0h: 000102030405060708090a0b0c",
  );
  for (let byte = 0; byte <= 0xff; byte++) {
    assert.ok(recordText(Buffer.alloc(16, byte)).length > 0);
  }
});
