import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { MachineError } from "../../../src/model/machine/errors.js";
import {
  consoleSessionId,
  hex,
  ipmi15Packet,
  lanRequest,
  openIpmi15Packet,
  openPlainPacket,
  openSessionRequest,
  plainPacket,
  rakp1,
  rakp3,
  rakpSecrets,
  readLanResponse,
  sessionPacket,
  type SuiteId,
  suites,
  u32,
} from "../../support/packets.js";
import { account, authenticationCapabilities, createTestBmc, logIn, type TestBmc } from "../../support/testBmc.js";

const app = 0x06;
const chassis = 0x00;

function openSession(bmc: TestBmc, auth: number, integ: number, conf: number, privilege = 0, port = 40_000): Buffer {
  const [reply] = bmc.exchange(plainPacket(0x10, openSessionRequest(auth, integ, conf, privilege)), port);
  assert.ok(reply);
  return Buffer.from(openPlainPacket(reply).payload);
}

describe("session-less requests (§13.2, §22.13-15)", () => {
  test("an ASF presence ping is answered with a pong of the same tag", () => {
    const pong = createTestBmc().exchange(hex("06 00 ff 06 000011be 80 fe 00 00"));
    assert.deepEqual(
      pong.map((reply) => reply.toString("hex")),
      ["0600ff06000011be40fe0010000011be000000008100000000000000"],
    );
  });

  for (const [what, packet, acknowledgement] of [
    ["a presence ping", "06 00 2a 06 000011be 80 fe 00 00", "06002a86"],
    ["another ASF message", "06 00 00 06 000011be 10 fe 00 00", "06000086"],
    ["an IPMI message", `06 00 fe ${authenticationCapabilities.toString("hex").slice(6)}`, "0600fe87"],
  ] as const) {
    test(`${what} with an RMCP sequence number below FFh is acknowledged first, then answered as ever (§13.2.1)`, () => {
      const asking = hex(packet);
      const [first, ...answers] = createTestBmc().exchange(asking);
      assert.equal(first?.toString("hex"), acknowledgement);
      asking[2] = 0xff;
      assert.deepEqual(answers, createTestBmc().exchange(asking));
    });
  }

  test("an acknowledgement, and a class that is not served, are never acknowledged (table 13-3)", () => {
    for (const packet of ["06 00 2a 86", "06 00 2a 87", "06 00 2a 08 00000000", "05 00 2a 06 000011be 80 fe 00 00"]) {
      assert.deepEqual(createTestBmc().exchange(hex(packet)), [], packet);
    }
  });

  test("ipmitool's capabilities request in IPMI 1.5 framing is answered with MD5 and both versions", () => {
    const [reply] = createTestBmc().exchange(authenticationCapabilities);
    assert.deepEqual([...readLanResponse(openIpmi15Packet(reply!)).data], [0x01, 0x84, 0x04, 0x03, 0, 0, 0, 0]);
  });

  test("without IPMI 1.5 sessions the capabilities are those of PROTOCOL.md", () => {
    const [reply] = createTestBmc({ ipmi15Auth: [] }).exchange(authenticationCapabilities);
    assert.deepEqual([...readLanResponse(openIpmi15Packet(reply!)).data], [0x01, 0x80, 0x04, 0x02, 0, 0, 0, 0]);
  });

  test("without bit 7 in the channel byte no extended data is reported (ipmiping, ipmiutil)", () => {
    const [reply] = createTestBmc().exchange(ipmi15Packet(lanRequest(app, 0x38, [0x0e, 0x04])));
    assert.deepEqual([...readLanResponse(openIpmi15Packet(reply!)).data], [0x01, 0x04, 0x04, 0, 0, 0, 0, 0]);
  });

  test("with a BMC key the status byte says so", () => {
    const [reply] = createTestBmc({ kg: Buffer.alloc(20, 7) }).exchange(authenticationCapabilities);
    assert.equal(readLanResponse(openIpmi15Packet(reply!)).data[2], 0x24);
  });

  test("capabilities in RMCP+ framing, as vCenter DPM asks, come back in RMCP+ framing", () => {
    const [reply] = createTestBmc().exchange(plainPacket(0x00, lanRequest(app, 0x38, [0x8e, 0x03])));
    assert.equal(reply?.[4], 0x06);
    assert.deepEqual(
      [...readLanResponse(openPlainPacket(reply).payload).data.subarray(0, 4)],
      [0x01, 0x84, 0x04, 0x03],
    );
  });

  test("cipher suites 3 and 17 are listed as records, and the list ends", () => {
    const bmc = createTestBmc();
    const page = (index: number): number[] => {
      const [reply] = bmc.exchange(plainPacket(0x00, lanRequest(app, 0x54, [0x0e, 0x00, 0x80 | index])));
      return [...readLanResponse(openPlainPacket(reply!).payload).data];
    };
    assert.deepEqual(page(0), [0x01, 0xc0, 0x03, 0x01, 0x41, 0x81, 0xc0, 0x11, 0x03, 0x44, 0x81]);
    assert.deepEqual(page(1), [0x01]);
  });

  test("a command that needs a session is refused with D4h, an unknown one with C1h", () => {
    const bmc = createTestBmc();
    const code = (netFn: number, command: number): number =>
      readLanResponse(openIpmi15Packet(bmc.exchange(ipmi15Packet(lanRequest(netFn, command)))[0]!)).code;
    assert.equal(code(chassis, 0x01), 0xd4);
    assert.equal(code(0x2e, 0x01), 0xc1);
  });

  test("no reply to a session-less request is more than twice as long on the wire", () => {
    const headers = 42;
    const bmc = createTestBmc({ cipherSuites: [0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17] });
    const requests = [
      authenticationCapabilities,
      hex("06 00 ff 06 000011be 80 fe 00 00"),
      plainPacket(0x00, lanRequest(app, 0x54, [0x0e, 0x00, 0x80])),
      ipmi15Packet(lanRequest(app, 0x37)),
      ipmi15Packet(lanRequest(app, 0x39, [0x02, ...Buffer.from("admin".padEnd(16, "\0"))])),
      plainPacket(0x10, openSessionRequest(3, 4, 1)),
    ];
    for (const request of requests) {
      const replies = bmc.exchange(request);
      assert.equal(replies.length, 1);
      assert.ok(replies[0]!.length + headers <= 2 * (request.length + headers), request.toString("hex"));
    }
  });
});

describe("Open Session (§13.17-18)", () => {
  test("the answer has 36 bytes, the console's ID, an ID of its own and privilege 4 when 0 was asked", () => {
    const answer = openSession(createTestBmc(), 1, 1, 1);
    assert.equal(answer.length, 36);
    assert.deepEqual([...answer.subarray(0, 4)], [0, 0, 4, 0]);
    assert.equal(answer.readUInt32LE(4), consoleSessionId);
    assert.notEqual(answer.readUInt32LE(8), 0);
    assert.deepEqual([answer[16], answer[24], answer[32]], [1, 1, 1]);
  });

  const refusals: readonly (readonly [string, number, number, number])[] = [
    ["an unknown authentication algorithm", 7, 1, 1],
    ["an unknown integrity algorithm", 1, 9, 1],
    ["an unknown confidentiality algorithm", 1, 1, 9],
    ["algorithms of two enabled suites mixed", 1, 4, 1],
    ["suite 0, which is not enabled", 0, 0, 0],
    ["suite 8, which is not enabled", 2, 2, 1],
    ["suite 4, which is not implemented", 1, 1, 2],
  ];
  for (const [what, auth, integ, conf] of refusals) {
    test(`${what} is refused with status 11h in 8 bytes, which FreeIPMI and Ironic know (§13.24)`, () => {
      const answer = openSession(createTestBmc(), auth, integ, conf);
      assert.equal(answer.length, 8);
      assert.equal(answer[1], 0x11);
    });
  }

  test("a suite that LAN parameter 24 leaves no privilege is refused with status 11h", async () => {
    const bmc = createTestBmc({ cipherSuites: [3, 17] });
    await bmc.bmc.lanSettings.setCipherSuiteLimits(new Map([[3, 0]]));
    assert.equal(openSession(bmc, 1, 1, 1)[1], 0x11);
    assert.equal(openSession(bmc, 3, 4, 1)[1], 0);
  });

  test("a console session ID of 0 is refused with status 02h: 0 means outside a session (§13.24)", () => {
    const request = openSessionRequest(3, 4, 1);
    request.writeUInt32LE(0, 4);
    const [reply] = createTestBmc().exchange(plainPacket(0x10, request));
    assert.deepEqual([...openPlainPacket(reply!).payload], [request[0], 0x02, 0, 0, 0, 0, 0, 0]);
  });

  test("wildcards choose the strongest suite that is enabled", () => {
    const request = openSessionRequest(0, 0, 0);
    for (const at of [11, 19, 27]) {
      request[at] = 0;
    }
    const [reply] = createTestBmc().exchange(plainPacket(0x10, request));
    const answer = openPlainPacket(reply!).payload;
    assert.deepEqual([answer[16], answer[24], answer[32]], [3, 4, 1]);
  });

  test("the same request from the same socket gets the same answer", () => {
    const bmc = createTestBmc();
    assert.deepEqual(openSession(bmc, 3, 4, 1), openSession(bmc, 3, 4, 1));
  });

  test("the same bytes from another socket open another session: clients use constant IDs", () => {
    const bmc = createTestBmc();
    const first = openSession(bmc, 3, 4, 1, 0, 40_000);
    const second = openSession(bmc, 3, 4, 1, 0, 40_001);
    assert.notEqual(first.readUInt32LE(8), second.readUInt32LE(8));
  });

  test("3,000 half-open sessions refuse no correct login and take no more room than the table has", () => {
    const bmc = createTestBmc();
    for (let port = 1; port <= 3_000; port++) {
      openSession(bmc, 3, 4, 1, 0, port);
    }
    logIn(bmc, { suite: 17 });
  });
});

describe("RAKP (§13.20-23)", () => {
  for (const suite of Object.keys(suites).map(Number) as SuiteId[]) {
    test(`cipher suite ${suite}: codes, keys and a command agree with an independent computation`, async () => {
      const bmc = createTestBmc({ cipherSuites: [suite] });
      const session = logIn(bmc, { suite });
      const answer = await session.request(app, 0x01);
      assert.equal(answer.code, 0);
      assert.equal(answer.data.length, 15);
    });
  }

  test("a BMC key takes the password's place in the session integrity key", async () => {
    const kg = Buffer.from("01234567890123456789");
    const bmc = createTestBmc({ kg });
    assert.equal((await logIn(bmc, { kg }).request(app, 0x01)).code, 0);
    assert.throws(() => logIn(bmc), /integrity check value/);
  });

  test("an unknown user is refused with status 0Dh, at once", () => {
    assert.throws(() => logIn(createTestBmc(), { name: "unknown" }), /RAKP 2 status 13/);
  });

  test("the null user is refused", () => {
    assert.throws(() => logIn(createTestBmc(), { name: "" }), /RAKP 2 status 13/);
  });

  test("a name of 17 bytes is refused with status 0Ch", () => {
    assert.throws(() => logIn(createTestBmc(), { name: "a".repeat(17) }), /RAKP 2 status 12/);
  });

  test("a name that is no UTF-8 is an unknown one", () => {
    const bmc = createTestBmc();
    const id = openSession(bmc, 1, 1, 1).readUInt32LE(8);
    const message = rakp1(id, "xxxx");
    message.set([0xff, 0xfe, 0xc3, 0x28], 28);
    assert.equal(openPlainPacket(bmc.exchange(plainPacket(0x12, message))[0]!).payload[1], 0x0d);
  });

  test("RAKP Message 3 with a wrong key exchange code opens no session and gets 0Fh (§13.22)", () => {
    const bmc = createTestBmc();
    const id = openSession(bmc, 1, 1, 1).readUInt32LE(8);
    bmc.exchange(plainPacket(0x12, rakp1(id, "admin")));
    const [reply] = bmc.exchange(plainPacket(0x14, rakp3(id, Buffer.alloc(20, 1))));
    assert.equal(openPlainPacket(reply!).payload[1], 0x0f);
    assert.deepEqual(bmc.exchange(plainPacket(0x14, rakp3(id, Buffer.alloc(20, 1)))), [reply], "a retransmission");
    assert.deepEqual(bmc.exchange(plainPacket(0x14, rakp3(id, Buffer.alloc(20, 2)))), [], "a second guess");
  });

  test("RAKP Message 3 before RAKP Message 1 does nothing", () => {
    const bmc = createTestBmc();
    const id = openSession(bmc, 1, 1, 1).readUInt32LE(8);
    assert.deepEqual(bmc.exchange(plainPacket(0x14, rakp3(id, Buffer.alloc(20)))), []);
    logIn(bmc);
  });

  test("with suite 1, Open Session and RAKP 1 alone give no usable session (ipmi_sim)", () => {
    const bmc = createTestBmc({ cipherSuites: [1] });
    const id = openSession(bmc, 1, 0, 0).readUInt32LE(8);
    bmc.exchange(plainPacket(0x12, rakp1(id, "admin")));
    assert.deepEqual(bmc.exchange(plainPacket(0x00, lanRequest(app, 0x01), id, 1)), []);
  });

  test("a RAKP Message 1 or an error-status RAKP Message 3 that names an open session does not end it (ipmi_sim)", async () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    const id = session.keys.managedSessionId;
    bmc.exchange(plainPacket(0x12, rakp1(id, "admin", 0x14, 9)), 50_000);
    bmc.exchange(plainPacket(0x14, rakp3(id, Buffer.alloc(0), 0x0f, 9)), 50_000);
    assert.equal((await session.request(app, 0x01)).code, 0);
  });

  test("retransmitted RAKP messages get the same bytes again", () => {
    const bmc = createTestBmc();
    const id = openSession(bmc, 1, 1, 1).readUInt32LE(8);
    const message1 = plainPacket(0x12, rakp1(id, "admin"));
    const [first] = bmc.exchange(message1);
    assert.deepEqual(bmc.exchange(message1), [first]);
    const { payload } = openPlainPacket(first!);
    const { code3 } = rakpSecrets({ suite: 3, ...account }, id, payload.subarray(8, 24), payload.subarray(24, 40));
    const message3 = plainPacket(0x14, rakp3(id, code3));
    const [confirmed] = bmc.exchange(message3);
    assert.deepEqual(bmc.exchange(message3), [confirmed]);
  });

  test("sent again under another tag, as ipmipower does, they get the same answer under that tag", () => {
    const bmc = createTestBmc();
    const id = openSession(bmc, 1, 1, 1).readUInt32LE(8);
    const ask = (type: number, payload: Buffer): Buffer =>
      openPlainPacket(bmc.exchange(plainPacket(type, payload))[0]!).payload;
    const withTag = (payload: Buffer, tag: number): Buffer => Buffer.concat([Buffer.from([tag]), payload.subarray(1)]);
    const message2 = ask(0x12, rakp1(id, "admin", 0x14, 1));
    assert.deepEqual(ask(0x12, rakp1(id, "admin", 0x14, 2)), withTag(message2, 2));
    const { code3 } = rakpSecrets({ suite: 3, ...account }, id, message2.subarray(8, 24), message2.subarray(24, 40));
    const message4 = ask(0x14, rakp3(id, code3, 0, 3));
    assert.equal(message4[1], 0);
    assert.deepEqual(ask(0x14, rakp3(id, code3, 0, 4)), withTag(message4, 4));
  });
});

describe("inside a session (§6.12, §13.28-29)", () => {
  test("it starts at USER: power on is refused with D4h until Set Session Privilege Level", async () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    assert.equal((await session.request(chassis, 0x02, [1])).code, 0xd4);
    assert.deepEqual([...(await session.request(app, 0x3b, [4])).data], [4]);
    assert.equal((await session.request(chassis, 0x02, [1])).code, 0);
    assert.deepEqual(bmc.machine.operations, ["on"]);
  });

  test("a session that asked for USER cannot be raised above it", async () => {
    const session = logIn(createTestBmc(), { role: 0x12 });
    assert.equal((await session.request(app, 0x3b, [4])).code, 0x81);
    assert.equal((await session.request(app, 0x3b)).code, 0xc7);
  });

  test("five identical packets run once", () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    bmc.exchange(session.packet(app, 0x3b, [4]));
    const packet = session.packet(chassis, 0x02, [1]);
    for (let count = 0; count < 5; count++) {
      bmc.exchange(packet);
    }
    assert.deepEqual(bmc.machine.operations, ["on"]);
  });

  test("the same request in new packets, while the first is still at work, runs once and is answered once", async () => {
    const bmc = createTestBmc();
    const { keys, packet } = logIn(bmc);
    bmc.exchange(packet(app, 0x3b, [3]));
    let release = (): void => undefined;
    bmc.machine.gate = new Promise((resolve) => (release = resolve));
    const again = (sequence: number): Buffer => sessionPacket(keys, lanRequest(chassis, 0x02, [1], 9), sequence);
    const answered = bmc.ask(again(2));
    assert.deepEqual([...bmc.exchange(again(3)), ...bmc.exchange(again(4))], []);
    release();
    await answered;
    assert.equal(bmc.exchange(again(5)).length, 1);
    assert.deepEqual(bmc.machine.operations, ["on"]);
  });

  test("requests that arrive in another order are all answered", () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    const packets = Array.from({ length: 8 }, () => session.packet(app, 0x01));
    for (const packet of [3, 1, 0, 2, 7, 5, 6, 4].map((index) => packets[index]!)) {
      assert.equal(bmc.exchange(packet).length, 1);
    }
  });

  test("a packet with a wrong AuthCode changes nothing, not even the window", async () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    const forged = Buffer.from(session.packet(app, 0x01));
    forged[forged.length - 1]! ^= 1;
    assert.deepEqual(bmc.exchange(forged), []);
    assert.equal((await session.request(app, 0x01)).code, 0);
  });

  test("packets without the suite's authentication or encryption are dropped", () => {
    const bmc = createTestBmc();
    const { keys } = logIn(bmc);
    const message = lanRequest(app, 0x01);
    assert.deepEqual(bmc.exchange(plainPacket(0x00, message, keys.managedSessionId, 1)), []);
    assert.deepEqual(bmc.exchange(plainPacket(0x80, message, keys.managedSessionId, 1)), []);
    assert.deepEqual(bmc.exchange(sessionPacket({ ...keys, suite: 2 }, message, 1)), []);
  });

  test("session sequence number 0 and numbers far ahead are dropped", () => {
    const bmc = createTestBmc();
    const { keys } = logIn(bmc);
    for (const sequence of [0, 17, 0xffff_ffff]) {
      assert.deepEqual(bmc.exchange(sessionPacket(keys, lanRequest(app, 0x01), sequence)), []);
    }
  });

  test("replies are numbered from 1 and each number once", async () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    const numbers = [];
    for (let count = 0; count < 3; count++) {
      numbers.push((await bmc.ask(session.packet(app, 0x01))).readUInt32LE(10));
    }
    assert.deepEqual(numbers, [1, 2, 3]);
  });

  test("Close Session ends it, and the reply still comes", async () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    assert.equal((await session.request(app, 0x3c, [...u32(session.keys.managedSessionId)])).code, 0);
    assert.deepEqual(bmc.exchange(session.packet(app, 0x01)), []);
  });

  test("only an administrator ends another's session; an unknown one is 87h", async () => {
    const bmc = createTestBmc();
    const [first, second] = [logIn(bmc), logIn(bmc, { suite: 17 })];
    const victim = [...u32(first.keys.managedSessionId)];
    assert.equal((await second.request(app, 0x3c, victim)).code, 0xd4);
    await second.request(app, 0x3b, [4]);
    assert.equal((await second.request(app, 0x3c, victim)).code, 0);
    assert.equal((await second.request(app, 0x3c, victim)).code, 0x87);
    assert.deepEqual(bmc.exchange(first.packet(app, 0x01)), []);
  });

  test("Get Session Info tells user, privilege, protocol and address of the console (§22.20)", async () => {
    const { data } = await logIn(createTestBmc()).request(app, 0x3d, [0]);
    assert.deepEqual([...data], [1, 63, 1, 2, 2, 0x11, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0x40, 0x9c]);
  });

  test("an idle session times out, a used one does not (§6.12.15)", async () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    bmc.now += 59_000;
    assert.equal((await session.request(app, 0x01)).code, 0);
    bmc.now += 59_000;
    assert.equal((await session.request(app, 0x01)).code, 0);
    bmc.now += 61_000;
    assert.deepEqual(bmc.exchange(session.packet(app, 0x01)), []);
  });

  test("a session used after the clock was set back times out all the same", async () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    bmc.now -= 30_000;
    assert.equal((await session.request(app, 0x01)).code, 0);
    bmc.now += 61_000;
    assert.deepEqual(bmc.exchange(session.packet(app, 0x01)), []);
  });

  test("a full table makes room by the session that was used longest ago, within one millisecond too", async () => {
    const bmc = createTestBmc({}, { maxSessions: 2 });
    const [first, second] = [logIn(bmc), logIn(bmc)];
    assert.equal((await first.request(app, 0x01)).code, 0);
    logIn(bmc);
    assert.deepEqual(bmc.exchange(second.packet(app, 0x01)), []);
    assert.equal((await first.request(app, 0x01)).code, 0);
  });

  test("300 forgotten sessions refuse no correct login", () => {
    const bmc = createTestBmc();
    for (let count = 0; count < 300; count++) {
      logIn(bmc);
    }
  });

  test("a session follows its console to another port and address", () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    assert.equal(bmc.exchange(session.packet(app, 0x01), 51_000).length, 1);
  });

  const failures: readonly (readonly [MachineError["kind"], number])[] = [
    ["busy", 0xc0],
    ["unavailable", 0xc0],
    ["invalidState", 0xd5],
    ["notFound", 0xcb],
    ["timedOut", 0xc3],
  ];
  for (const [kind, code] of failures) {
    test(`a machine that is ${kind} is completion code ${code.toString(16)}h, and mc info works on`, async () => {
      const bmc = createTestBmc();
      const session = logIn(bmc);
      await session.request(app, 0x3b, [4]);
      bmc.machine.failure = new MachineError(kind, "as injected");
      assert.equal((await session.request(chassis, 0x01)).code, code);
      assert.equal((await session.request(chassis, 0x02, [1])).code, code);
      assert.equal((await session.request(app, 0x01)).code, 0);
    });
  }
});

describe("IPMI 1.5 sessions (§22.16-17)", () => {
  test("the null user is refused with 82h, an unknown one with 81h, a type that is not enabled with CCh", () => {
    const bmc = createTestBmc();
    const code = (type: number, name: string): number => {
      const data = [type, ...Buffer.from(name.padEnd(16, "\0"))];
      return readLanResponse(openIpmi15Packet(bmc.exchange(ipmi15Packet(lanRequest(app, 0x39, data)))[0]!)).code;
    };
    assert.equal(code(2, ""), 0x82);
    assert.equal(code(2, "unknown"), 0x81);
    assert.equal(code(4, "admin"), 0xcc);
    assert.equal(code(0, "admin"), 0xcc);
    assert.equal(code(2, "admin"), 0);
  });

  test("with IPMI 1.5 turned off a challenge is refused", () => {
    const bmc = createTestBmc({ ipmi15Auth: [] });
    const data = [2, ...Buffer.from("admin".padEnd(16, "\0"))];
    const [reply] = bmc.exchange(ipmi15Packet(lanRequest(app, 0x39, data)));
    assert.equal(readLanResponse(openIpmi15Packet(reply!)).code, 0xcc);
  });
});

describe("secrets", () => {
  test("no log line of logins and commands holds the password", async () => {
    const bmc = createTestBmc({ password: "s3cret-Word" });
    const session = logIn(bmc, { password: "s3cret-Word" });
    await session.request(app, 0x3b, [4]);
    await session.request(chassis, 0x02, [1]);
    assert.throws(() => logIn(bmc, { password: "another-0ne" }));
    const text = JSON.stringify(bmc.log);
    assert.ok(bmc.log.length >= 3);
    assert.ok(!text.includes("s3cret-Word") && !text.includes("another-0ne"), text);
  });
});
