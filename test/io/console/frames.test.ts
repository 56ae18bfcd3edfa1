import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import {
  createFrameDecoder,
  encodeFrame,
  type Frame,
  type FrameType,
  frameTypes,
  maxPayloadLength,
} from "../../../src/io/console/frames.js";

const typeNames = Object.keys(frameTypes) as FrameType[];
const anyFrame = fc
  .record({
    type: fc.constantFrom(...typeNames),
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  })
  .map((frame) => ({ ...frame }));

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

test("a frame is its type, its length in big-endian order and its payload", () => {
  assert.equal(encodeFrame("data", Buffer.from("hi")).toString("hex"), "02000000026869");
  assert.equal(encodeFrame("break").toString("hex"), "0300000000");
  assert.deepEqual(createFrameDecoder().push(Buffer.from("09000000027b7d04000000000200", "hex")), [
    { type: "end", payload: Buffer.from("{}") },
    { type: "take", payload: Buffer.alloc(0) },
  ]);
});

test("frames come out as they went in, wherever the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 40 }), (frames, places) => {
      const bytes = Buffer.concat(frames.map(({ type, payload }) => encodeFrame(type, payload)));
      const decoder = createFrameDecoder();
      const decoded: Frame[] = cut(bytes, places).flatMap((part) => decoder.push(part));
      assert.deepEqual(decoded, frames);
    }),
  );
});

test("any bytes are frames or an error, and nothing is kept for a frame that is too long or unknown", () => {
  assert.throws(() => createFrameDecoder().push(Buffer.from("0200010001", "hex")), /65537 bytes is longer than 65536/);
  assert.throws(() => createFrameDecoder().push(Buffer.from("0b00000000", "hex")), /unknown type 11/);
  assert.throws(() => encodeFrame("data", Buffer.alloc(maxPayloadLength + 1)), RangeError);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (parts) => {
      const decoder = createFrameDecoder();
      try {
        parts.forEach((part) => decoder.push(Buffer.from(part)));
      } catch (error) {
        assert.match((error as Error).message, /^a frame (of \d+ bytes is longer than|has the unknown type)/);
      }
    }),
  );
});
