/** What a stranger, or a user with ill will, can send; each test is an attack that must come to nothing. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { defineCommand } from "../../../src/protocol/ipmi/command.js";
import { commands } from "../../../src/protocol/ipmi/commands/index.js";
import {
  hex,
  ipmi15Packet,
  lanRequest,
  openIpmi15Packet,
  openPlainPacket,
  openSessionRequest,
  plainPacket,
  rakp1,
  readLanResponse,
  sessionPacket,
} from "../../support/packets.js";
import { authenticationCapabilities, createTestBmc, logIn, type TestBmc } from "../../support/testBmc.js";

const app = 0x06;
const chassis = 0x00;

function openSession(bmc: TestBmc, address: string, port: number): Buffer {
  let reply: Buffer = Buffer.alloc(0);
  const request = plainPacket(0x10, openSessionRequest(1, 1, 1));
  bmc.responder.receive(request, { address, port }, (datagram) => (reply = datagram));
  return openPlainPacket(reply).payload;
}

describe("loops", () => {
  test("a response is never answered, so that two BMCs cannot be set to answer each other forever", () => {
    const bmc = createTestBmc();
    const [response] = bmc.exchange(authenticationCapabilities);
    assert.ok(response);
    assert.deepEqual(bmc.exchange(response), []);
    assert.deepEqual(bmc.exchange(ipmi15Packet(lanRequest(0x07, 0x38, [0, 0x8e, 0x04]))), []);
    assert.deepEqual(bmc.exchange(plainPacket(0x00, lanRequest(0x2f, 0x01))), []);
  });

  test("neither is a pong, nor a set-up message that only a BMC sends (11h, 13h, 15h)", () => {
    const bmc = createTestBmc();
    const [pong] = bmc.exchange(hex("06 00 ff 06 000011be 80 fe 00 00"));
    assert.deepEqual(bmc.exchange(pong!), []);
    const opened = openSession(bmc, "192.0.2.1", 1);
    for (const type of [0x11, 0x13, 0x15]) {
      assert.deepEqual(bmc.exchange(plainPacket(type, opened)), []);
    }
  });

  test("a request to another slave address than 20h is not answered", () => {
    const message = lanRequest(app, 0x38, [0x8e, 0x04]);
    message.set([0x24, 0x18, 0xc4]);
    assert.deepEqual(createTestBmc().exchange(ipmi15Packet(message)), []);
  });
});

describe("floods", () => {
  test("unfinished logins never end a session that is open, be the table as full as it may", async () => {
    const bmc = createTestBmc({}, { maxSessions: 2 });
    const sessions = [logIn(bmc), logIn(bmc)];
    for (let port = 1; port <= 3_000; port++) {
      openSession(bmc, "198.51.100.1", port);
    }
    for (const session of sessions) {
      assert.equal((await session.request(app, 0x01)).code, 0);
    }
  });

  test("one source's unfinished logins do not push out those of another", () => {
    const bmc = createTestBmc();
    const id = openSession(bmc, "192.0.2.1", 40_000).readUInt32LE(8);
    for (let port = 1; port <= 3_000; port++) {
      openSession(bmc, "198.51.100.1", port);
    }
    const [message2] = bmc.exchange(plainPacket(0x12, rakp1(id, "admin")));
    assert.equal(openPlainPacket(message2!).payload[1], 0);
  });

  test("a new login ends the session that is idle for longest, when all are taken", () => {
    const bmc = createTestBmc({}, { maxSessions: 3 });
    const sessions = [logIn(bmc), logIn(bmc), logIn(bmc)] as const;
    bmc.now += 1_000;
    bmc.exchange(sessions[0].packet(app, 0x01));
    logIn(bmc);
    const answers = sessions.map((session) => bmc.exchange(session.packet(app, 0x01)).length);
    assert.deepEqual(answers, [1, 0, 1]);
  });

  test("255 sessions have 255 handles, and a handle is given again when its session has ended (§22.20)", async () => {
    const bmc = createTestBmc({}, { maxSessions: 255 });
    const handles = new Set<number>();
    for (let count = 0; count < 255; count++) {
      handles.add((await logIn(bmc).request(app, 0x3d, [0])).data[0]!);
    }
    assert.equal(handles.size, 255);
    assert.ok(!handles.has(0));
    const again = (await logIn(bmc).request(app, 0x3d, [0])).data[0]!;
    assert.ok(handles.has(again));
  });

  test("more than 16 requests of one session at a time are told that the node is busy", async () => {
    const bmc = createTestBmc();
    const session = logIn(bmc);
    await session.request(app, 0x3b, [4]);
    let release = (): void => undefined;
    bmc.machine.gate = new Promise((resolve) => (release = resolve));
    const answers = Array.from({ length: 20 }, () => bmc.ask(session.packet(chassis, 0x02, [1])));
    const refused = (await Promise.all(answers.slice(16))).map((answer) => session.read(answer).code);
    assert.deepEqual(refused, [0xc0, 0xc0, 0xc0, 0xc0]);
    release();
    await Promise.all(answers.slice(0, 16));
    assert.equal(bmc.machine.operations.length, 16);
    assert.equal((await session.request(chassis, 0x02, [1])).code, 0);
  });

  test("commands without a session fill no log, and are no events", () => {
    const changes: unknown[] = [];
    const bmc = createTestBmc({}, { onCommand: ({ change }) => changes.push(change) });
    const challenge = [0x02, ...Buffer.from("unknown".padEnd(16, "\0"))];
    for (let count = 0; count < 1_000; count++) {
      bmc.exchange(ipmi15Packet(lanRequest(chassis, 0x02, [0])));
      bmc.exchange(ipmi15Packet(lanRequest(app, 0x39, challenge)));
      bmc.exchange(ipmi15Packet(lanRequest(app, 0x3a, Array<number>(22).fill(1))));
    }
    assert.ok(changes.every((change) => change === undefined));
    const lines = bmc.log.filter(({ level }) => level !== "debug");
    assert.deepEqual(
      lines.map(({ message, fields }) => [message, fields["failures"]]),
      [1, 10, 100, 1_000].map((failures) => ["login refused", failures]),
    );
  });

  test("malformed messages inside a session take no place from its requests", () => {
    const bmc = createTestBmc();
    const { keys } = logIn(bmc);
    for (let sequence = 1; sequence <= 100; sequence++) {
      assert.deepEqual(bmc.exchange(sessionPacket(keys, Buffer.alloc(12, sequence), sequence)), []);
    }
    assert.equal(bmc.exchange(sessionPacket(keys, lanRequest(app, 0x01), 101)).length, 1);
  });
});

describe("repetitions", () => {
  test("a slow request does not run again after others have been answered in between", async () => {
    const bmc = createTestBmc();
    const { keys, packet } = logIn(bmc);
    bmc.exchange(packet(app, 0x3b, [4]));
    let release = (): void => undefined;
    bmc.machine.gate = new Promise((resolve) => (release = resolve));
    const powerCycle = lanRequest(chassis, 0x02, [2], 33);
    const answered = bmc.ask(sessionPacket(keys, powerCycle, 2));
    for (let sequence = 3; sequence <= 12; sequence++) {
      bmc.exchange(sessionPacket(keys, lanRequest(app, 0x01, [], sequence), sequence));
    }
    bmc.now += 10_000;
    assert.deepEqual(bmc.exchange(sessionPacket(keys, powerCycle, 13)), []);
    release();
    await answered;
    assert.equal(bmc.exchange(sessionPacket(keys, powerCycle, 14)).length, 1);
    assert.deepEqual(bmc.machine.operations, ["cycle"]);
  });
});

describe("sizes", () => {
  const longAnswer = defineCommand<undefined, number>({
    netFn: 0x0a,
    command: 0x7f,
    name: "Long answer",
    section: "none",
    privilege: 0,
    decode: () => undefined,
    run: () => Promise.resolve(250),
    encode: (length) => Buffer.alloc(length),
  });

  test("a response that an IPMI 1.5 packet cannot carry becomes CAh; RMCP+ carries it", async () => {
    const bmc = createTestBmc({}, { commands: [...commands, longAnswer] });
    const request = lanRequest(0x0a, 0x7f);
    assert.equal(readLanResponse(openIpmi15Packet(await bmc.ask(ipmi15Packet(request)))).code, 0xca);
    const answer = readLanResponse(openPlainPacket(await bmc.ask(plainPacket(0x00, request))).payload);
    assert.deepEqual([answer.code, answer.data.length], [0, 250]);
  });

  test("messages that are longer than any need be are dropped, since some are kept", () => {
    const bmc = createTestBmc();
    const long = Buffer.concat([openSessionRequest(1, 1, 1), Buffer.alloc(60_000)]);
    assert.deepEqual(bmc.exchange(plainPacket(0x10, long)), []);
    const id = openSession(bmc, "192.0.2.1", 1).readUInt32LE(8);
    assert.deepEqual(bmc.exchange(plainPacket(0x12, Buffer.concat([rakp1(id, "admin"), Buffer.alloc(60_000)]))), []);
    const { keys } = logIn(bmc);
    assert.deepEqual(bmc.exchange(sessionPacket(keys, lanRequest(app, 0x01, Array<number>(2_000).fill(0)), 1)), []);
  });
});
