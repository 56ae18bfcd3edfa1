/** What vCenter's Distributed Power Management sends to wake a host, packet by packet, through our own builder. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { hex, lanRequest, openPlainPacket, plainPacket, readLanResponse } from "../../support/packets.js";
import { createTestBmc, logIn } from "../../support/testBmc.js";

test("vCenter DPM: ping, capabilities in RMCP+ framing, suite 3 at OPERATOR, channel, MAC, status, power on, close", async () => {
  const bmc = createTestBmc();

  const [pong] = bmc.exchange(hex("06 00 ff 06 000011be 80 01 00 00"));
  assert.equal(pong?.[8], 0x40);
  assert.equal(pong[20], 0x81);

  const [capabilities] = bmc.exchange(plainPacket(0x00, lanRequest(0x06, 0x38, [0x8e, 0x03])));
  const offered = readLanResponse(openPlainPacket(capabilities!).payload).data;
  assert.equal(offered[1]! & 0x80, 0x80, "RMCP+ is there");
  assert.equal(offered[1]! & 0x04, 0x04, "MD5 is offered");

  const session = logIn(bmc, { suite: 3, role: 0x13, privilege: 3 });
  assert.equal((await session.request(0x06, 0x3b, [3])).code, 0);
  assert.deepEqual([...(await session.request(0x06, 0x42, [0x0e])).data.subarray(0, 2)], [1, 4]);
  assert.equal((await session.request(0x06, 0x41, [0x01, 0x80])).data[0]! & 0x07, 2, "always available");
  assert.equal((await session.request(0x0c, 0x02, [1, 5, 0, 0])).data.toString("hex"), "11020000112233");
  assert.equal((await session.request(0x00, 0x01)).data[0]! & 1, 0);
  assert.equal((await session.request(0x00, 0x02, [1])).code, 0);
  assert.equal((await session.request(0x00, 0x01)).data[0]! & 1, 1);
  const id = Buffer.alloc(4);
  id.writeUInt32LE(session.keys.managedSessionId);
  assert.equal((await session.request(0x06, 0x3c, [...id])).code, 0);
  assert.deepEqual(bmc.machine.operations, ["on"]);
});
