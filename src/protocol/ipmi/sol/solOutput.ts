/**
 * From the console to the remote console (IPMI 2.0 §15.9, §15.11): one packet at a time, sent again with the same bytes
 * until it is acknowledged. pyghmi loses four bytes of a retry that has grown, and ipmitool of one that has changed.
 */
import type { SolTiming } from "../../../model/bmc/sol/solSettings.js";
import type { Timers } from "../../../model/bmc/timers.js";
import type { ConsoleConnection } from "../../../model/machine/console.js";
import { createByteQueue } from "./byteQueue.js";
import { solHeaderLength, solPacketSize, solStatus } from "./solPacket.js";

export interface SolOutput {
  readonly push: (bytes: Uint8Array) => void;
  /** The console has skipped characters here. */
  readonly markOverrun: () => void;
  /** The remote console acknowledges packet `sequence`, or with `isNack` asks for a pause. */
  readonly acknowledge: (sequence: number, acceptedCount: number, isNack: boolean) => void;
  /** Drops all that is not acknowledged (flush outbound). */
  readonly flush: () => void;
  /** Holds new packets back: before the answer to Activate Payload has arrived, and while CTS is deasserted. */
  readonly hold: (reason: "start" | "cts", isHeld: boolean) => void;
  readonly close: () => void;
}

export interface SolOutputOptions {
  readonly timers: Timers;
  readonly timing: () => SolTiming;
  readonly send: (packet: Buffer) => void;
  readonly console: Pick<ConsoleConnection, "pause" | "resume">;
}

/** Beyond this backlog the console waits, bytes; below the other one it goes on. */
const highWater = 65_536;
const lowWater = 32_768;
/** The most that is kept, also of a console that does not wait, bytes. */
const hardLimit = 4 * highWater;
/** How long the console waits for a remote console that acknowledges nothing; then it goes on, and the oldest output is lost. */
const stallMs = 10_000;
/** Between two tries after the configured ones, ms: while the session lives, nothing is given up. */
const slowRetryMs = 1_000;

interface Pending {
  readonly sequence: number;
  readonly packet: Buffer;
  tries: number;
  dueAt: number;
}

export function createSolOutput({ timers, timing, send, console }: SolOutputOptions): SolOutput {
  const queue = createByteQueue();
  const holds = new Set<"start" | "cts">();
  let lastSequence = 0;
  let pending: Pending | undefined;
  /** The number of the packet by whose NACK the remote console suspended output. */
  let suspendedBy: number | undefined;
  /** So many bytes of the queue precede a gap. */
  let gapAfter: number | undefined;
  let isConsolePaused = false;
  let isStalled = false;
  let lastProgressAt = timers.now();
  let accumulatedSince: number | undefined;

  const running = new Map<string, { readonly at: number; readonly cancel: () => void }>();

  /** One that runs out earlier is left alone: `action` looks whether it is time. */
  function arm(timer: "retry" | "accumulate" | "stall", delayMs: number, action: () => void): void {
    const at = timers.now() + Math.max(delayMs, 1);
    const earlier = running.get(timer);
    if (earlier && earlier.at <= at) {
      return;
    }
    earlier?.cancel();
    const cancel = timers.after(at - timers.now(), () => {
      running.delete(timer);
      action();
    });
    running.set(timer, { at, cancel });
  }

  // Sending

  function pump(): void {
    if (pending || suspendedBy !== undefined || holds.size > 0 || queue.length() === 0 || isAccumulating()) {
      return;
    }
    const hasGap = gapAfter === 0;
    const limit = Math.min(solPacketSize - solHeaderLength, queue.length(), hasGap ? Infinity : (gapAfter ?? Infinity));
    gapAfter = hasGap || gapAfter === undefined ? undefined : gapAfter - limit;
    const packet = Buffer.allocUnsafe(solHeaderLength + limit);
    lastSequence = (lastSequence % 15) + 1;
    // Acknowledgements have packets of their own: in a retry pyghmi would take an old number for a lost packet.
    packet.writeUInt32BE(((lastSequence << 24) | (hasGap ? solStatus.overrun : 0)) >>> 0);
    queue.moveTo(packet, solHeaderLength, limit);
    accumulatedSince = queue.length() > 0 ? timers.now() : undefined;
    const { retryIntervalMs } = timing();
    pending = { sequence: lastSequence, packet, tries: 0, dueAt: timers.now() + retryIntervalMs };
    send(packet);
    arm("retry", retryIntervalMs, retry);
    resumeConsole();
  }

  /** Whether to wait for more characters. */
  function isAccumulating(): boolean {
    const { sendThreshold, accumulateMs } = timing();
    const leftMs = (accumulatedSince ?? 0) + accumulateMs - timers.now();
    if (queue.length() >= Math.min(sendThreshold, solPacketSize - solHeaderLength) || leftMs <= 0) {
      return false;
    }
    arm("accumulate", leftMs, pump);
    return true;
  }

  function retry(): void {
    if (!pending || suspendedBy !== undefined) {
      return;
    }
    const { retryCount, retryIntervalMs } = timing();
    const leftMs = pending.dueAt - timers.now();
    if (leftMs <= 0) {
      pending.tries++;
      send(pending.packet);
      const intervalMs = pending.tries < retryCount ? retryIntervalMs : Math.max(retryIntervalMs, slowRetryMs);
      pending.dueAt = timers.now() + intervalMs;
    }
    arm("retry", pending.dueAt - timers.now(), retry);
  }

  // Acknowledgements

  function acknowledge(sequence: number, acceptedCount: number, isNack: boolean): void {
    if (sequence === 0 || (sequence !== pending?.sequence && sequence !== suspendedBy)) {
      return;
    }
    progress();
    const accepted = pending?.sequence === sequence && accept(pending, acceptedCount);
    if (isNack) {
      suspendedBy = sequence;
      return;
    }
    const wasSuspended = suspendedBy !== undefined;
    suspendedBy = undefined;
    if (wasSuspended && pending && !accepted) {
      pending.dueAt = timers.now();
      retry();
    }
    pump();
  }

  /** What was not accepted is sent under a new number; @returns false when nothing was accepted. */
  function accept({ packet }: Pending, acceptedCount: number): boolean {
    const rest = packet.subarray(solHeaderLength + acceptedCount);
    if (acceptedCount === 0) {
      return false;
    }
    pending = undefined;
    queue.unshift(rest);
    gapAfter = gapAfter === undefined ? undefined : gapAfter + rest.length;
    accumulatedSince = rest.length > 0 ? 0 : accumulatedSince;
    return true;
  }

  // Back-pressure

  function progress(): void {
    lastProgressAt = timers.now();
    isStalled = false;
  }

  function boundBacklog(): void {
    const excess = queue.length() - (isStalled ? highWater : hardLimit);
    if (excess > 0) {
      queue.drop(excess);
      gapAfter = 0;
    }
    if (queue.length() > highWater && !isConsolePaused && !isStalled) {
      isConsolePaused = true;
      console.pause();
      arm("stall", lastProgressAt + stallMs - timers.now(), checkProgress);
    }
  }

  function resumeConsole(): void {
    if (isConsolePaused && queue.length() <= lowWater) {
      isConsolePaused = false;
      console.resume();
    }
  }

  function checkProgress(): void {
    if (!isConsolePaused) {
      return;
    }
    const leftMs = lastProgressAt + stallMs - timers.now();
    if (leftMs > 0) {
      arm("stall", leftMs, checkProgress);
      return;
    }
    isStalled = true;
    isConsolePaused = false;
    console.resume();
  }

  return {
    push: (bytes) => {
      if (!pending && queue.length() === 0) {
        // Nothing was outstanding: the time to answer begins now.
        lastProgressAt = timers.now();
      }
      accumulatedSince ??= timers.now();
      queue.push(bytes);
      boundBacklog();
      pump();
    },
    markOverrun: () => {
      gapAfter ??= queue.length();
    },
    acknowledge,
    flush: () => {
      queue.clear();
      pending = undefined;
      suspendedBy = undefined;
      gapAfter = undefined;
      accumulatedSince = undefined;
      progress();
      resumeConsole();
    },
    hold: (reason, isHeld) => {
      if (isHeld) {
        holds.add(reason);
      } else if (holds.delete(reason)) {
        pump();
      }
    },
    close: () => running.forEach(({ cancel }) => cancel()),
  };
}
