/** Minimum privilege levels, from IPMI 1.5 Appendix G, table G-1, which IPMI 2.0 kept and added to. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { commands } from "../../../src/protocol/ipmi/commands/index.js";
import {
  hex,
  ipmi15Packet,
  lanRequest,
  openIpmi15Packet,
  plainPacket,
  readLanResponse,
} from "../../support/packets.js";
import { authenticationCapabilities, createTestBmc, logIn } from "../../support/testBmc.js";

const [none, callback, user, operator, administrator] = [0, 1, 2, 3, 4];

/** By network function: level → commands. "p" of the table, any level and before a session, is `none`. */
const tableG1: Readonly<Record<number, Readonly<Record<number, readonly number[]>>>> = {
  0x00: {
    [user]: [0x00, 0x01, 0x07, 0x0f],
    [operator]: [0x02, 0x03, 0x04, 0x06, 0x08, 0x09],
    [administrator]: [0x05, 0x0a, 0x0b],
  },
  0x04: {
    [user]: [0x01, 0x10, 0x23, 0x25, 0x27, 0x29, 0x2b, 0x2d, 0x2f],
    [operator]: [0x02, 0x13, 0x24, 0x26, 0x28, 0x2a, 0x2e],
    [administrator]: [0x00, 0x11, 0x12, 0x14, 0x15, 0x16],
  },
  0x06: {
    [none]: [0x37, 0x38, 0x39, 0x3a],
    [callback]: [0x3c],
    [user]: [0x01, 0x04, 0x07, 0x08, 0x25, 0x2f, 0x36, 0x3b, 0x3d, 0x41, 0x42],
    [operator]: [0x22, 0x24, 0x3f, 0x44, 0x46, 0x52],
    [administrator]: [0x02, 0x03, 0x05, 0x06, 0x40, 0x43, 0x45, 0x47],
  },
  0x0a: {
    [user]: [0x10, 0x11, 0x20, 0x21, 0x22, 0x23, 0x28, 0x40, 0x41, 0x42, 0x43, 0x48, 0x5a],
    [operator]: [0x12, 0x24, 0x25, 0x26, 0x27, 0x29, 0x2a, 0x2b, 0x2c, 0x44, 0x45, 0x46, 0x47, 0x49],
    [administrator]: [0x5b],
  },
  0x0c: { [user]: [0x04], [operator]: [0x02], [administrator]: [0x01, 0x03] },
};

function levelOf(netFn: number, command: number): number | undefined {
  const levels = Object.entries(tableG1[netFn] ?? {});
  const row = levels.find(([, numbers]) => numbers.includes(command));
  return row && Number(row[0]);
}

/** Table 22-18 and DCMI 1.5 §6.1.1 have these besides those of table G-1. */
const otherSessionless = ["Get Channel Cipher Suites", "Get DCMI Capabilities Info"];

describe("minimum privilege (Appendix G)", () => {
  for (const { name, netFn, command, privilege } of commands) {
    const expected = levelOf(netFn, command);
    if (expected === undefined) {
      test(`${name} needs a session at USER or above`, () => {
        assert.ok(privilege >= user || otherSessionless.includes(name));
      });
    } else {
      test(`${name} needs level ${expected}`, () => assert.equal(privilege, expected));
    }
  }

  test("no command has two rows", () => {
    const rows = commands.map(({ netFn, command, group }) => `${netFn} ${command} ${group ?? ""}`);
    assert.equal(new Set(rows).size, rows.length);
  });

  test("every command below its level is refused with D4h, before its data is looked at", async () => {
    for (const level of [user, operator]) {
      const session = logIn(createTestBmc());
      assert.equal((await session.request(0x06, 0x3b, [level])).code, 0);
      for (const row of commands.filter(({ privilege }) => privilege > level)) {
        const group = row.group === undefined ? [] : [row.group];
        assert.equal((await session.request(row.netFn, row.command, group)).code, 0xd4, row.name);
      }
    }
  });

  test("every command that needs a session is refused with D4h without one", async () => {
    const bmc = createTestBmc();
    for (const row of commands.filter(({ privilege }) => privilege > none)) {
      const group = row.group === undefined ? [] : [row.group];
      const reply = await bmc.ask(ipmi15Packet(lanRequest(row.netFn, row.command, group)));
      assert.equal(readLanResponse(openIpmi15Packet(reply)).code, 0xd4, row.name);
    }
  });
});

describe("amplification", () => {
  /** Ethernet, IPv4 and UDP headers. */
  const headers = 42;

  test("no reply to a session-less request is more than twice as long on the wire, whatever is asked", async () => {
    const bmc = createTestBmc({ cipherSuites: [0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17] });
    const datas = [
      [],
      [0x0e, 0x04],
      [0x8e, 0x04],
      ...Array.from({ length: 8 }, (_, index) => [0x0e, 0x00, 0x80 | index]),
      ...Array.from({ length: 8 }, (_, index) => [0x0e, 0x00, index]),
      ...Array.from({ length: 8 }, (_, index) => [0xdc, index]),
      [0x02, ...Buffer.from("admin".padEnd(16, "\0"))],
    ];
    const sessionless = commands.filter(({ privilege }) => privilege === none);
    assert.ok(sessionless.length >= 5);
    for (const { netFn, command, name } of [...sessionless, { netFn: 0x2e, command: 0x01, name: "unknown command" }]) {
      for (const data of datas) {
        for (const frame of [ipmi15Packet, (message: Buffer) => plainPacket(0x00, message)]) {
          const request = frame(lanRequest(netFn, command, data));
          const reply = await bmc.ask(request);
          assert.ok(reply.length + headers <= 2 * (request.length + headers), `${name} ${data.join(" ")}`);
        }
      }
    }
    for (const request of [authenticationCapabilities, hex("06 00 ff 06 000011be 80 fe 00 00")]) {
      const replies = bmc.exchange(request);
      assert.equal(replies.length, 1);
      assert.ok(replies[0]!.length + headers <= 2 * (request.length + headers));
    }
  });
});
