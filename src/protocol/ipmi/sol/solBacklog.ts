/** The characters that wait to be sent: bounded, with back-pressure to the console, and with a mark where some are lost. */
import type { Timers } from "../../../model/bmc/timers.js";
import type { ConsoleConnection } from "../../../model/machine/console.js";
import { createByteQueue } from "./byteQueue.js";
import { createNamedTimers } from "./namedTimers.js";

/** Beyond this backlog the console waits, bytes; below the other one it goes on. */
const highWater = 65_536;
const lowWater = 32_768;
/** The most that is kept, also of a console that does not wait, bytes. */
const hardLimit = 4 * highWater;
/** How long the console waits for a remote console that acknowledges nothing; then it goes on, and the oldest output is lost. */
const stallMs = 10_000;
export interface SolBacklog {
  readonly length: () => number;
  readonly push: (bytes: Uint8Array) => void;
  /** Puts characters back that were not accepted. */
  readonly unshift: (bytes: Buffer) => void;
  /** What goes into the next packet: a gap ends a packet, and the one after it has `hasGap`. */
  readonly next: (maxBytes: number) => { readonly count: number; readonly hasGap: boolean };
  /** Moves what `next` has returned into a packet. */
  readonly moveTo: (packet: Buffer, offset: number, count: number) => void;
  /** The console has skipped characters here. */
  readonly markGap: () => void;
  readonly clear: () => void;
  /** The remote console is there. */
  readonly progress: () => void;
  /** Lets the console go on, if there is room again. */
  readonly resume: () => void;
  readonly close: () => void;
}

export function createSolBacklog(timers: Timers, console: Pick<ConsoleConnection, "pause" | "resume">): SolBacklog {
  const queue = createByteQueue();
  const running = createNamedTimers<"stall">(timers);
  /** So many bytes of the queue precede a gap. */
  let gapAfter: number | undefined;
  let isConsolePaused = false;
  let isStalled = false;
  let lastProgressAt = timers.now();

  function bound(): void {
    const excess = queue.length() - (isStalled ? highWater : hardLimit);
    if (excess > 0) {
      queue.drop(excess);
      gapAfter = 0;
    }
    if (queue.length() > highWater && !isConsolePaused && !isStalled) {
      isConsolePaused = true;
      console.pause();
      running.arm("stall", lastProgressAt + stallMs - timers.now(), checkProgress);
    }
  }

  function checkProgress(): void {
    if (!isConsolePaused) {
      return;
    }
    const leftMs = lastProgressAt + stallMs - timers.now();
    if (leftMs > 0) {
      running.arm("stall", leftMs, checkProgress);
      return;
    }
    isStalled = true;
    isConsolePaused = false;
    console.resume();
  }

  return {
    length: queue.length,
    push: (bytes) => {
      queue.push(bytes);
      bound();
    },
    unshift: (bytes) => {
      queue.unshift(bytes);
      gapAfter = gapAfter === undefined ? undefined : gapAfter + bytes.length;
    },
    next: (maxBytes) => {
      const hasGap = gapAfter === 0;
      return { count: Math.min(maxBytes, queue.length(), hasGap ? Infinity : (gapAfter ?? Infinity)), hasGap };
    },
    moveTo: (packet, offset, count) => {
      gapAfter = gapAfter === 0 || gapAfter === undefined ? undefined : gapAfter - count;
      queue.moveTo(packet, offset, count);
    },
    markGap: () => {
      gapAfter ??= queue.length();
    },
    clear: () => {
      queue.clear();
      gapAfter = undefined;
    },
    progress: () => {
      lastProgressAt = timers.now();
      isStalled = false;
    },
    resume: () => {
      if (isConsolePaused && queue.length() <= lowWater) {
        isConsolePaused = false;
        console.resume();
      }
    },
    close: running.close,
  };
}
