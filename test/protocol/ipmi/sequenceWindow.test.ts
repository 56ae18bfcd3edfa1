import assert from "node:assert/strict";
import { describe, test } from "node:test";

import fc from "fast-check";

import { createSequenceWindow, ipmi15Reach, rmcpPlusReach } from "../../../src/protocol/ipmi/session/sequenceWindow.js";

describe("the window of session sequence numbers (§6.12.13)", () => {
  test("is that of IPMI 1.5 Appendix A", () => {
    const window = createSequenceWindow(ipmi15Reach, 40);
    const steps: readonly (readonly [number, boolean])[] = [
      [41, true],
      [44, true],
      [39, false],
      [42, true],
      [42, false],
      [43, true],
      [44, false],
      [53, false],
      [52, true],
      [43, false],
    ];
    for (const [sequence, isAccepted] of steps) {
      assert.equal(window.accept(sequence), isAccepted, String(sequence));
    }
  });

  for (const [name, reach, ahead, behind] of [
    ["RMCP+", rmcpPlusReach, 15, 16],
    ["IPMI 1.5", ipmi15Reach, 8, 8],
  ] as const) {
    test(`${name}: ${ahead} ahead and ${behind} behind are the last that are accepted`, () => {
      /** Whether `late` is accepted after `sequences`. */
      const isAccepted = (late: number, ...sequences: number[]): boolean => {
        const window = createSequenceWindow(reach, 999);
        sequences.forEach((sequence) => window.accept(sequence));
        return window.accept(late);
      };
      assert.ok(isAccepted(999 + ahead));
      assert.ok(!isAccepted(999 + ahead + 1));
      assert.ok(isAccepted(1_000, 999 + ahead, 1_000 + behind));
      assert.ok(!isAccepted(1_000, 999 + ahead, 1_000 + behind + 1));
    });

    test(`${name}: numbers from before the session are not accepted`, () => {
      const window = createSequenceWindow(reach, 500);
      for (let sequence = 500; sequence > 480; sequence--) {
        assert.ok(!window.accept(sequence));
      }
    });

    test(`${name}: the window goes on over the end of the numbers, and 0 is none`, () => {
      const window = createSequenceWindow(reach, 0xffff_fffd);
      assert.ok(window.accept(0xffff_fffe));
      assert.ok(window.accept(2));
      assert.ok(!window.accept(0));
      assert.ok(window.accept(0xffff_ffff));
      assert.ok(window.accept(1));
      for (const sequence of [0xffff_fffe, 0xffff_ffff, 1, 2]) {
        assert.ok(!window.accept(sequence), String(sequence));
      }
    });

    test(`${name}: whatever comes in whatever order, no number is accepted twice, and the next one always is`, () => {
      const step = fc.integer({ min: -40, max: 40 });
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 0xffff_ffff }), fc.array(step, { maxLength: 200 }), (start, steps) => {
          const window = createSequenceWindow(reach, start);
          const accepted = new Set<number>();
          let highest = start;
          for (const step of steps) {
            const sequence = (((highest + step) % 2 ** 32) + 2 ** 32) % 2 ** 32;
            if (window.accept(sequence)) {
              assert.ok(!accepted.has(sequence) && sequence !== 0 && sequence !== start);
              accepted.add(sequence);
              highest = step > 0 ? sequence : highest;
            }
          }
          const next = highest === 0xffff_ffff ? 1 : highest + 1;
          assert.ok(window.accept(next) || accepted.has(next));
        }),
      );
    });
  }
});
