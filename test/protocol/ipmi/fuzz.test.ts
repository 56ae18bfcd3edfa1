import assert from "node:assert/strict";
import { test } from "node:test";
import v8 from "node:v8";
import vm from "node:vm";

import fc from "fast-check";

import type { Log } from "../../../src/base/log.js";
import { commands } from "../../../src/protocol/ipmi/commands/index.js";
import { decodePresencePing, encodePresencePong } from "../../../src/protocol/rmcp/asf.js";
import { decodeIpmi15Wrapper, encodeIpmi15Wrapper } from "../../../src/protocol/rmcp/ipmi15Wrapper.js";
import {
  decodeLanRequest,
  decodeLanResponse,
  encodeLanRequest,
  encodeLanResponse,
} from "../../../src/protocol/rmcp/lanMessage.js";
import { MalformedPacketError } from "../../../src/protocol/rmcp/malformedPacketError.js";
import {
  decodeOpenSessionRequest,
  decodeOpenSessionResponse,
  encodeOpenSessionRequest,
  encodeOpenSessionResponse,
} from "../../../src/protocol/rmcp/openSession.js";
import {
  decodeRakpMessage1,
  decodeRakpMessage2,
  decodeRakpMessage3,
  decodeRakpMessage4,
  decodeRakpStatus,
  encodeRakpMessage1,
  encodeRakpMessage2,
  encodeRakpStatus,
  encodeRakpWithCode,
} from "../../../src/protocol/rmcp/rakp.js";
import { decodeRmcpPacket } from "../../../src/protocol/rmcp/rmcpHeader.js";
import { decodeRmcpPlusWrapper, encodeRmcpPlusWrapper } from "../../../src/protocol/rmcp/rmcpPlusWrapper.js";
import {
  type Answer,
  ipmi15Packet,
  lanRequest,
  openSessionRequest,
  plainPacket,
  rakp1,
  rakp3,
} from "../../support/packets.js";
import { authenticationCapabilities, createTestBmc, logIn, type TestSession } from "../../support/testBmc.js";

const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const byte = fc.integer({ min: 0, max: 0xff });
/** Not without a prototype, which deepEqual would find different. */
const plainObjects = { noNullPrototype: true } as const;
const word = fc.integer({ min: 0, max: 0xffff_ffff });

const decoders = {
  decodeRmcpPacket,
  decodePresencePing,
  decodeIpmi15Wrapper,
  decodeRmcpPlusWrapper,
  decodeLanRequest,
  decodeOpenSessionRequest,
  decodeOpenSessionResponse,
  decodeLanResponse,
  decodeRakpMessage1,
  decodeRakpMessage2,
  decodeRakpMessage3,
  decodeRakpMessage4,
  decodeRakpStatus,
};

for (const [name, decode] of Object.entries(decoders)) {
  test(`${name} of any bytes returns or refuses, and changes none of them`, () => {
    fc.assert(
      fc.property(bytes(64), (input) => {
        const before = Buffer.from(input);
        try {
          decode(input);
        } catch (error) {
          assert.ok(error instanceof MalformedPacketError, String(error));
        }
        assert.deepEqual(input, before);
      }),
    );
  });
}

test("a LAN request decodes to what was encoded (§13.8)", () => {
  const request = fc.record(
    {
      rsAddr: byte,
      netFn: fc.integer({ min: 0, max: 0x3f }),
      rsLun: fc.integer({ min: 0, max: 3 }),
      rqAddr: byte,
      rqSeq: fc.integer({ min: 0, max: 0x3f }),
      rqLun: fc.integer({ min: 0, max: 3 }),
      command: byte,
      data: bytes(40),
    },
    plainObjects,
  );
  fc.assert(
    fc.property(request, (given) => assert.deepEqual({ ...decodeLanRequest(encodeLanRequest(given)) }, { ...given })),
  );
});

test("an RMCP+ packet decodes to what was encoded (§13.6)", () => {
  const header = fc.record(
    {
      payloadType: fc.integer({ min: 0, max: 0x3f }),
      encrypted: fc.boolean(),
      sessionId: word,
      sequence: word,
    },
    plainObjects,
  );
  fc.assert(
    fc.property(header, bytes(80), (given, payload) => {
      const packet = decodeRmcpPlusWrapper(decodeRmcpPacket(encodeRmcpPlusWrapper(given, payload)).body);
      const { payloadType, encrypted, sessionId, sequence } = packet;
      assert.deepEqual({ payloadType, encrypted, sessionId, sequence }, given);
      assert.deepEqual(packet.payload, payload);
    }),
  );
});

test("an IPMI 1.5 packet decodes to what was encoded (§13.6)", () => {
  fc.assert(
    fc.property(word, word, bytes(80), fc.boolean(), (sequence, sessionId, payload, signed) => {
      const authCode = Buffer.alloc(signed ? 16 : 0, 0x5a);
      const packet = { authType: signed ? 2 : 0, sequence, sessionId, authCode, payload };
      assert.deepEqual({ ...decodeIpmi15Wrapper(encodeIpmi15Wrapper(packet).subarray(4)) }, packet);
    }),
  );
});

test("Open Session Request and RAKP Message 1 decode to what was encoded (§13.17, §13.20)", () => {
  const algorithm = fc.option(fc.integer({ min: 0, max: 0x3f }), { nil: undefined });
  const open = fc.record(
    {
      tag: byte,
      maximumPrivilege: fc.integer({ min: 0, max: 0xf }),
      remoteConsoleSessionId: word,
      algorithms: fc.record(
        { authentication: algorithm, integrity: algorithm, confidentiality: algorithm },
        plainObjects,
      ),
    },
    plainObjects,
  );
  fc.assert(
    fc.property(open, (given) => assert.deepEqual(decodeOpenSessionRequest(encodeOpenSessionRequest(given)), given)),
  );
  const message1 = fc.record(
    {
      tag: byte,
      managedSystemSessionId: word,
      remoteConsoleRandom: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => Buffer.from(array)),
      role: byte,
      name: bytes(16),
    },
    plainObjects,
  );
  fc.assert(
    fc.property(message1, (given) => {
      const decoded = decodeRakpMessage1(encodeRakpMessage1(given));
      assert.deepEqual({ ...decoded }, { ...given, nameLength: given.name.length });
    }),
  );
});

const exactly = (length: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));

test("a LAN response decodes to what was encoded, and answers the request's rqSeq and LUN (§13.8)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x1f }), byte, byte, bytes(200), (half, rqSeq, code, data) => {
      const request = { rsAddr: 0x20, netFn: 2 * half, rsLun: 0, rqAddr: 0x81, rqLun: 1, command: code, data };
      const encoded = encodeLanResponse({ ...request, rqSeq: rqSeq & 0x3f }, code, data);
      assert.deepEqual(
        { ...decodeLanResponse(encoded) },
        { netFn: 2 * half + 1, rqSeq: rqSeq & 0x3f, command: code, completionCode: code, data },
      );
      assert.deepEqual([encoded[0], encoded[1]! & 3, encoded[3], encoded[4]! & 3], [0x81, 1, 0x20, 0]);
    }),
  );
});

test("Open Session Response decodes to what was encoded, granted or refused (§13.18)", () => {
  const number = fc.integer({ min: 0, max: 0x3f });
  const granted = fc.record(
    {
      tag: byte,
      status: fc.constant(0 as const),
      maximumPrivilege: fc.integer({ min: 0, max: 0xf }),
      remoteConsoleSessionId: word,
      managedSystemSessionId: word,
      algorithms: fc.record({ authentication: number, integrity: number, confidentiality: number }, plainObjects),
    },
    plainObjects,
  );
  const refused = fc.record(
    { tag: byte, status: fc.integer({ min: 1, max: 0xff }), remoteConsoleSessionId: word },
    plainObjects,
  );
  fc.assert(
    fc.property(fc.oneof(granted, refused), (given) =>
      assert.deepEqual(decodeOpenSessionResponse(encodeOpenSessionResponse(given)), given),
    ),
  );
});

test("RAKP Messages 2 to 4 decode to what was encoded (§13.21-23)", () => {
  const status = fc.record({ tag: byte, status: fc.constant(0), sessionId: word }, plainObjects);
  fc.assert(
    fc.property(status, exactly(16), exactly(16), bytes(32), (head, random, guid, code) => {
      const message2 = { ...head, managedSystemRandom: random, managedSystemGuid: guid, keyExchangeAuthCode: code };
      assert.deepEqual(decodeRakpMessage2(encodeRakpMessage2(message2)), message2);
      const withCode = encodeRakpWithCode(head, code);
      assert.deepEqual(decodeRakpMessage3(withCode), { ...head, keyExchangeAuthCode: code });
      assert.deepEqual(decodeRakpMessage4(withCode), { ...head, integrityCheckValue: code });
    }),
  );
  fc.assert(
    fc.property(byte, fc.integer({ min: 1, max: 0xff }), word, (tag, code, sessionId) => {
      const refusal = encodeRakpStatus({ tag, status: code, sessionId });
      assert.deepEqual(decodeRakpMessage2(refusal), { tag, status: code, sessionId });
      assert.deepEqual(decodeRakpStatus(refusal), { tag, status: code, sessionId });
    }),
  );
});

test("a pong has the tag of its ping and is no ping (§13.2.4)", () => {
  fc.assert(
    fc.property(byte, (tag) => {
      const pong = encodePresencePong({ tag });
      assert.equal(pong[9], tag);
      assert.equal(decodePresencePing(decodeRmcpPacket(pong).body), undefined);
    }),
  );
});

/** xorshift32: the same run every time. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc") as () => void;

/** Bytes in use, once what is not needed any more is gone. */
function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test("200,000 cut, changed and random datagrams neither throw nor log a fault nor take memory, and a login works afterwards", async () => {
  const random = seeded(0x1f123bb5);
  const faults: string[] = [];
  const log: Log = (level, message) => {
    if (level === "error") {
      faults.push(message);
    }
  };
  const bmc = createTestBmc({}, { log });
  const session = logIn(bmc);
  const seeds = [
    authenticationCapabilities,
    plainPacket(0x10, openSessionRequest(3, 4, 1)),
    plainPacket(0x12, rakp1(0x01010101, "admin")),
    plainPacket(0x14, rakp3(0x01010101, Buffer.alloc(20))),
    plainPacket(0x00, lanRequest(0x06, 0x54, [0x0e, 0, 0x80])),
    ipmi15Packet(lanRequest(0x06, 0x39, [0x02, ...Buffer.from("admin".padEnd(16, "\0"))])),
    session.packet(0x06, 0x01),
    session.packet(0x00, 0x01),
    Buffer.from("0600ff06000011be80fe0000", "hex"),
  ];
  const flood = (datagrams: number): void => {
    for (let count = 0; count < datagrams; count++) {
      const datagram = Buffer.from(seeds[random(seeds.length)]!);
      for (let changes = random(4); changes > 0; changes--) {
        datagram[random(datagram.length)] = random(256);
      }
      const cut = random(3) === 0 ? datagram.subarray(0, random(datagram.length + 1)) : datagram;
      const address = `192.0.2.${random(256)}`;
      bmc.responder.receive(cut, { address, port: random(65_536) }, () => undefined);
    }
  };
  flood(50_000);
  const before = heapInUse();
  flood(150_000);
  const grown = heapInUse() - before;
  assert.deepEqual(faults, []);
  assert.ok(grown < 4 * 1024 * 1024, `${grown} bytes more than before`);
  bmc.now += 5_000;
  const after = logIn(bmc, { suite: 17 });
  assert.equal((await after.request(0x06, 0x01)).code, 0);
});

test("20,000 requests of an administrator with random data are all answered, none with FFh or a logged fault", async () => {
  const random = seeded(0x2545f491);
  let bmc = createTestBmc();
  let session: TestSession | undefined;
  for (let count = 0; count < 20_000; count++) {
    if (!session) {
      bmc = createTestBmc();
      session = logIn(bmc);
      await session.request(0x06, 0x3b, [4]);
    }
    const { netFn, command, name, group } = commands[random(commands.length)]!;
    const data = Array.from({ length: random(4) === 0 ? random(64) : random(8) }, () => random(256));
    const answer: Answer = await session.request(netFn, command, group === undefined ? data : [group, ...data]);
    assert.notEqual(answer.code, 0xff, `${name} ${Buffer.from(data).toString("hex")}`);
    const faults = bmc.log.filter(({ level }) => level === "error");
    assert.deepEqual(faults, [], `${name} ${Buffer.from(data).toString("hex")}`);
    bmc.pass(1_000);
    // It may have closed its session or changed its account.
    if (bmc.exchange(session.packet(0x06, 0x01)).length === 0 || count % 500 === 499) {
      session = undefined;
    }
  }
});
