import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePresencePing } from "../../src/rmcp/asf.js";
import { decodeIpmi15Wrapper, encodeIpmi15Wrapper } from "../../src/rmcp/ipmi15Wrapper.js";
import { decodeLanRequest, encodeLanRequest } from "../../src/rmcp/lanMessage.js";
import { decodeOpenSessionRequest, encodeOpenSessionRequest } from "../../src/rmcp/openSession.js";
import { decodeRakpMessage1, decodeRakpMessage3, encodeRakpMessage1 } from "../../src/rmcp/rakp.js";
import { decodeRmcpPacket } from "../../src/rmcp/rmcpHeader.js";
import { decodeRmcpPlusWrapper, encodeRmcpPlusWrapper } from "../../src/rmcp/rmcpPlusWrapper.js";
import { MalformedPacketError } from "../../src/wire/malformedPacketError.js";
import { lanRequest, openSessionRequest, plainPacket, rakp1, rakp3 } from "../support/packets.js";
import { authenticationCapabilities, createTestBmc, logIn } from "../support/testBmc.js";

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
  decodeRakpMessage1,
  decodeRakpMessage3,
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

test("200,000 cut, changed and random datagrams neither throw nor log a fault, and a login works afterwards", async () => {
  const random = seeded(0x1f123bb5);
  const bmc = createTestBmc();
  const session = logIn(bmc);
  const seeds = [
    authenticationCapabilities,
    plainPacket(0x10, openSessionRequest(3, 4, 1)),
    plainPacket(0x12, rakp1(0x01010101, "admin")),
    plainPacket(0x14, rakp3(0x01010101, Buffer.alloc(20))),
    plainPacket(0x00, lanRequest(0x06, 0x54, [0x0e, 0, 0x80])),
    session.packet(0x06, 0x01),
    session.packet(0x00, 0x01),
    Buffer.from("0600ff06000011be80fe0000", "hex"),
  ];
  for (let count = 0; count < 200_000; count++) {
    const datagram = Buffer.from(seeds[random(seeds.length)]!);
    for (let changes = random(4); changes > 0; changes--) {
      datagram[random(datagram.length)] = random(256);
    }
    const cut = random(3) === 0 ? datagram.subarray(0, random(datagram.length + 1)) : datagram;
    bmc.responder.receive(cut, { address: "192.0.2.9", port: random(65_536) }, () => undefined);
  }
  assert.deepEqual(
    bmc.log.filter(({ level }) => level === "error"),
    [],
  );
  bmc.now += 5_000;
  const after = logIn(bmc, { suite: 17 });
  assert.equal((await after.request(0x06, 0x01)).code, 0);
});
