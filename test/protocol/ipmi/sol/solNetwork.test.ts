/** The SOL engine and remote consoles as the specification has them, with a network between them that loses and reorders. */
import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { createSolEngine } from "../../../../src/protocol/ipmi/sol/solEngine.js";
import { createFakeTimers, type FakeTimers } from "../../../support/fakeTimers.js";

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

interface Weather {
  /** Shares of the datagrams. */
  readonly loss: number;
  readonly doubled: number;
  /** Datagrams take 1 ms to this, so that they overtake each other. */
  readonly maxMs: number;
}

/** One way: numbers each datagram as a session does, and drops what its receiver has seen, as the sequence window does. */
function createWay(
  timers: FakeTimers,
  random: () => number,
  weather: Weather,
  deliver: (packet: Buffer, sequence: number) => void,
): (packet: Buffer) => void {
  let last = 0;
  const seen = new Set<number>();
  return (packet) => {
    const sequence = ++last;
    const copy = Buffer.from(packet);
    for (let copies = random() < weather.doubled ? 2 : 1; copies > 0; copies--) {
      if (random() >= weather.loss) {
        timers.after(1 + random() * (weather.maxMs - 1), () => {
          if (!seen.has(sequence)) {
            seen.add(sequence);
            deliver(copy, sequence);
          }
        });
      }
    }
  };
}

/** Sends again every 50 ms until it is acknowledged; knows a retry by its number and, like us, an overtaken copy. */
function createRemoteConsole(timers: FakeTimers, send: (packet: Buffer) => void, text: Buffer, firstSequence: number) {
  let shown = "";
  let sequence = firstSequence;
  let at = 0;
  let lastSequence = 0;
  let lastSession = 0;
  const chunk = (): Buffer => text.subarray(at, at + 20);
  const type = (): void => {
    if (at < text.length) {
      send(Buffer.concat([Buffer.from([sequence, 0, 0, 0]), chunk()]));
      timers.after(50, type);
    }
  };
  return {
    type,
    shown: () => shown,
    hasTyped: () => at >= text.length,
    receive: (packet: Buffer, session: number): void => {
      const [number = 0, acked, count = 0] = packet;
      if (acked === sequence && at < text.length) {
        assert.equal(count, chunk().length, "all or nothing");
        at += count;
        sequence = (sequence % 15) + 1;
      }
      if (number === 0 || session < lastSession) {
        return;
      }
      lastSession = session;
      if (number !== lastSequence) {
        lastSequence = number;
        shown += packet.subarray(4).toString("latin1");
      }
      send(Buffer.from([0, number, packet.length - 4, 0]));
    },
  };
}

function run(seed: number, weather: Weather, printed: Buffer, typedText: Buffer, firstSequence: number) {
  const timers = createFakeTimers(0);
  const random = randomOf(seed);
  let typed = "";
  const toConsole = createWay(timers, random, weather, (packet, sequence) => remote.receive(packet, sequence));
  const toBmc = createWay(timers, random, weather, (packet, sequence) => {
    try {
      engine.receive(packet, sequence);
    } catch (error) {
      assert.match(String(error), /overtaken/);
    }
  });
  const engine = createSolEngine({
    timers,
    timing: () => ({ accumulateMs: 5, sendThreshold: 1, retryCount: 7, retryIntervalMs: 60 }),
    send: toConsole,
    console: {
      // Full at times, as a guest is that does not read.
      write: (bytes) => {
        typed += Buffer.from(bytes).toString("latin1");
        const accepts = random() < 0.8;
        if (!accepts) {
          timers.after(30, engine.listener.onDrain);
        }
        return accepts;
      },
      sendBreak: () => undefined,
      pause: () => undefined,
      resume: () => undefined,
    },
  });
  const remote = createRemoteConsole(timers, toBmc, typedText, firstSequence);
  engine.listener.onStatus(true);
  engine.begin();
  remote.type();
  for (let at = 0; at < printed.length; at += 97) {
    engine.listener.onData(printed.subarray(at, at + 97));
    timers.pass(5);
  }
  for (let waited = 0; waited < 600 && !(remote.hasTyped() && remote.shown().length >= printed.length); waited++) {
    timers.pass(200);
  }
  engine.close();
  return { shown: remote.shown(), typed };
}

test("over a network that loses, doubles and reorders nothing is lost and nothing comes twice", () => {
  const share = fc.double({ min: 0, max: 0.4, noNaN: true });
  const bytes = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((data) => Buffer.from(data));
  fc.assert(
    fc.property(
      fc.integer(),
      fc.record({ loss: share, doubled: share, maxMs: fc.integer({ min: 1, max: 200 }) }),
      bytes(12_000),
      bytes(600),
      fc.integer({ min: 1, max: 15 }),
      (seed, weather, printed, typedText, firstSequence) => {
        const { shown, typed } = run(seed, weather, printed, typedText, firstSequence);
        assert.equal(shown, printed.toString("latin1"));
        assert.equal(typed, typedText.toString("latin1"));
      },
    ),
    { numRuns: 60, endOnFailure: true },
  );
});

test("64 KB arrive whole over a network that loses 10 %", () => {
  const printed = Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * 7 + (index >> 8)) & 0xff));
  const { shown } = run(1, { loss: 0.1, doubled: 0, maxMs: 2 }, printed, Buffer.from("x"), 1);
  assert.equal(shown, printed.toString("latin1"));
});

test("any bytes as packets do no harm", () => {
  const timers = createFakeTimers(0);
  const engine = createSolEngine({
    timers,
    timing: () => ({ accumulateMs: 5, sendThreshold: 1, retryCount: 7, retryIntervalMs: 60 }),
    send: (packet) => assert.ok(packet.length >= 4 && packet.length <= 259),
    console: { write: () => true, sendBreak: () => undefined, pause: () => undefined, resume: () => undefined },
  });
  engine.listener.onStatus(true);
  engine.begin();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 0xffff_ffff }), (bytes, sequence) => {
      engine.listener.onData(Buffer.from(bytes));
      try {
        engine.receive(Buffer.from(bytes), sequence);
      } catch (error) {
        assert.equal((error as Error).name, "MalformedPacketError");
      }
      timers.pass(sequence % 500);
    }),
  );
  engine.close();
});
