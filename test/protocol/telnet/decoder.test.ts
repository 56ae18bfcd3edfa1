import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { encodeSubnegotiation, escapeData } from "../../../src/protocol/telnet/bytes.js";
import { createTelnetDecoder, maxSubnegotiation, type TelnetEvent } from "../../../src/protocol/telnet/decoder.js";

/** Events as text, with adjacent data joined: where a chunk is cut is of no meaning. */
function textOf(events: readonly TelnetEvent[]): string[] {
  const texts: string[] = [];
  for (const event of events) {
    const hex = event.type === "data" ? event.bytes.toString("hex") : "";
    if (event.type === "data" && texts.at(-1)?.startsWith("data ")) {
      texts.push(`${texts.pop()}${hex}`);
    } else {
      texts.push(event.type === "data" ? `data ${hex}` : describe(event));
    }
  }
  return texts;
}

function describe(event: Exclude<TelnetEvent, { type: "data" }>): string {
  switch (event.type) {
    case "option":
      return `${event.verb} ${event.option}`;
    case "subnegotiation":
      return `sub ${event.option} ${event.content.toString("hex")}`;
    case "tooLong":
      return `tooLong ${event.option}`;
    case "command":
      return `command ${event.code}`;
  }
}

function decodeCut(bytes: Buffer, places: readonly number[]): string[] {
  const ends = [...new Set([...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  const decoder = createTelnetDecoder();
  return textOf(ends.flatMap((end, index) => decoder.push(bytes.subarray(ends[index - 1] ?? 0, end))));
}

const decode = (hex: string): string[] => decodeCut(Buffer.from(hex.replaceAll(" ", ""), "hex"), []);

test("data, options, subnegotiations and commands are told apart (RFC 854)", () => {
  assert.deepEqual(decode("61 ff fb 25 62 ff fa e8 00 50 ff f0 63 ff f3 64"), [
    "data 61",
    "WILL 37",
    "data 62",
    "sub 232 0050",
    "data 63",
    "command 243",
    "data 64",
  ]);
});

test("a doubled FFh is one, in data and in a subnegotiation; NUL, CR and DC1 stay", () => {
  assert.deepEqual(decode("00 0d 00 11 ff ff 0d 0a"), ["data 000d0011ff0d0a"]);
  assert.deepEqual(decode("ff fa e8 28 ff ff 00 01 ff ff ff f0"), ["sub 232 28ff0001ff"]);
});

test("a subnegotiation that another command cuts off is dropped, and the command is obeyed", () => {
  assert.deepEqual(decode("ff fa e8 46 43 ff fb 2c 61"), ["WILL 44", "data 61"]);
  assert.deepEqual(decode("ff fa e8 46 ff fa e8 30 ff f0"), ["sub 232 30"]);
});

test("a subnegotiation that never ends takes no memory, and is reported at its end", () => {
  const decoder = createTelnetDecoder();
  decoder.push(Buffer.from("fffae8", "hex"));
  for (let sent = 0; sent <= 64 * maxSubnegotiation; sent += 1_000) {
    assert.deepEqual(decoder.push(Buffer.alloc(1_000)), []);
  }
  assert.deepEqual(textOf(decoder.push(Buffer.from("fff061", "hex"))), ["tooLong 232", "data 61"]);
});

test("wherever a stream is cut, the same comes out of it", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc
      .constantFrom("fff0", "fffae8", "ffff", "ff", "fffb25", "fffd00", "fff3", "00")
      .map((hex) => Buffer.from(hex, "hex")),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 60 }), (pieces, places) => {
      const bytes = Buffer.concat(pieces);
      assert.deepEqual(decodeCut(bytes, places), decodeCut(bytes, []));
      assert.deepEqual(decodeCut(bytes, [...bytes.keys()]), decodeCut(bytes, []));
    }),
  );
});

test("what is escaped comes out as it was", () => {
  const bytes = fc
    .uint8Array({ maxLength: 300 })
    .map((each) => Buffer.from(each.map((byte) => (byte < 64 ? 0xff : byte))));
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(), { maxLength: 20 }), (content, places) => {
      const data = decodeCut(Buffer.from(escapeData(content)), places);
      assert.deepEqual(data, content.length === 0 ? [] : [`data ${content.toString("hex")}`]);
      assert.deepEqual(decodeCut(encodeSubnegotiation(232, content), places), [`sub 232 ${content.toString("hex")}`]);
    }),
  );
});
