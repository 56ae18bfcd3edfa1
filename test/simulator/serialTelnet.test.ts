/** Telnet and the addresses of simulated serial ports. */
import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { parseSerialAddress } from "../../src/simulator/serial/address.js";
import { spacedUuid } from "../../src/simulator/serial/extension.js";
import {
  createTelnetDecoder,
  encodeOptions,
  encodeSubnegotiation,
  escapeIac,
  type TelnetEvent,
} from "../../src/simulator/serial/telnet.js";

/** Data in one piece, so that cuts make no difference. */
function joined(events: readonly TelnetEvent[]): readonly unknown[] {
  return events.reduce<{ kind: string; hex?: string; rest?: unknown }[]>((all, event) => {
    const last = all.at(-1);
    if (event.kind === "data" && last?.kind === "data") {
      return [...all.slice(0, -1), { kind: "data", hex: `${last.hex ?? ""}${event.bytes.toString("hex")}` }];
    }
    return [
      ...all,
      event.kind === "data"
        ? { kind: "data", hex: event.bytes.toString("hex") }
        : { kind: event.kind, rest: JSON.stringify(event) },
    ];
  }, []);
}

const part = fc.oneof(
  fc.uint8Array({ maxLength: 20 }).map((bytes) => escapeIac(Buffer.from(bytes))),
  fc.tuple(fc.integer({ min: 251, max: 254 }), fc.nat(255)).map(([verb, option]) => encodeOptions(verb, option)),
  fc
    .tuple(fc.nat(255), fc.uint8Array({ maxLength: 20 }))
    .map(([option, bytes]) => encodeSubnegotiation(option === 255 ? 0 : option, Buffer.from(bytes))),
  fc.constant(Buffer.from("fff3", "hex")),
);

test("wherever the bytes are cut, the same events come of them", () => {
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat(400)), (parts, cuts) => {
      const whole = Buffer.concat(parts);
      const ends = [...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
      const decode = createTelnetDecoder();
      const pieces = ends.flatMap((end, index) => decode(whole.subarray(ends[index - 1] ?? 0, end)));
      assert.deepEqual(joined(pieces), joined(createTelnetDecoder()(whole)));
    }),
  );
});

test("data goes through as it is, FF doubled on the wire", () => {
  assert.equal(escapeIac(Buffer.from("00ff11ff", "hex")).toString("hex"), "00ffff11ffff");
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const events = createTelnetDecoder()(escapeIac(Buffer.from(bytes)));
      const data = events.map((event) => (event.kind === "data" ? event.bytes : Buffer.from("not data")));
      assert.deepEqual(Buffer.concat(data), Buffer.from(bytes));
    }),
  );
});

test("a subnegotiation without an end is refused", () => {
  const decode = createTelnetDecoder();
  decode(Buffer.from("fffae8", "hex"));
  assert.throws(() => decode(Buffer.alloc(10_000)), /does not end/);
});

test("addresses as vSphere takes them", () => {
  const tcp = { isTelnet: false, isTls: false, isVerified: false };
  assert.deepEqual(parseSerialAddress("tcp://:5001"), { ...tcp, host: "", port: 5001 });
  assert.deepEqual(parseSerialAddress("esx.example:23"), { ...tcp, host: "esx.example", port: 23 });
  assert.deepEqual(parseSerialAddress("telnets://[::1]:13370#thumbprint=AB:CD&verify&peerName=x"), {
    isTelnet: true,
    isTls: true,
    host: "::1",
    port: 13370,
    thumbprint: "abcd",
    isVerified: true,
  });
  for (const wrong of ["tcp://5000", "http://x:1", "tcp://x:0", "tcp://x:99999", "vbmc:vm-01?token=1", ""]) {
    assert.equal(parseSerialAddress(wrong), undefined, wrong);
  }
});

test("a UUID is written as bytes in the order of its digits", () => {
  assert.equal(spacedUuid("01234567-89AB-cdef-fedc-ba9800000000"), "01 23 45 67 89 ab cd ef-fe dc ba 98 00 00 00 00");
});
