/**
 * From the console to the remote console (IPMI 2.0 §15.9, §15.11): one packet at a time, sent again with the same bytes
 * until it is acknowledged. pyghmi loses four bytes of a retry that has grown, and ipmitool of one that has changed.
 */
import type { SolTiming } from "../../../model/bmc/sol/solSettings.js";
import type { Timers } from "../../../model/bmc/timers.js";
import type { ConsoleConnection } from "../../../model/machine/console.js";
import { createNamedTimers } from "./namedTimers.js";
import { createSolBacklog } from "./solBacklog.js";
import { solHeaderLength, solPacketSize, solStatus } from "./solPacket.js";

const maxCharacters = solPacketSize - solHeaderLength;

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

/** Between two tries after the configured ones, ms: while the session lives, nothing is given up. */
const slowRetryMs = 1_000;

interface Pending {
  readonly sequence: number;
  readonly packet: Buffer;
  tries: number;
  dueAt: number;
}

export function createSolOutput({ timers, timing, send, console }: SolOutputOptions): SolOutput {
  const backlog = createSolBacklog(timers, console);
  const running = createNamedTimers<"retry" | "accumulate">(timers);
  const holds = new Set<"start" | "cts">();
  let lastSequence = 0;
  let pending: Pending | undefined;
  /** The number of the packet by whose NACK the remote console suspended output. */
  let suspendedBy: number | undefined;
  let accumulatedSince: number | undefined;

  // Sending

  function pump(): void {
    if (pending || suspendedBy !== undefined || holds.size > 0 || backlog.length() === 0 || isAccumulating()) {
      return;
    }
    const { count, hasGap } = backlog.next(maxCharacters);
    lastSequence = (lastSequence % 15) + 1;
    const packet = emptyPacket(lastSequence, count, hasGap);
    backlog.moveTo(packet, solHeaderLength, count);
    accumulatedSince = backlog.length() > 0 ? timers.now() : undefined;
    const { retryIntervalMs } = timing();
    pending = { sequence: lastSequence, packet, tries: 0, dueAt: timers.now() + retryIntervalMs };
    send(packet);
    running.arm("retry", retryIntervalMs, retry);
    backlog.resume();
  }

  /** Whether to wait for more characters. */
  function isAccumulating(): boolean {
    const { sendThreshold, accumulateMs } = timing();
    const leftMs = (accumulatedSince ?? 0) + accumulateMs - timers.now();
    if (backlog.length() >= Math.min(sendThreshold, maxCharacters) || leftMs <= 0) {
      return false;
    }
    running.arm("accumulate", leftMs, pump);
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
    running.arm("retry", pending.dueAt - timers.now(), retry);
  }

  // Acknowledgements

  function acknowledge(sequence: number, acceptedCount: number, isNack: boolean): void {
    if (sequence === 0 || (sequence !== pending?.sequence && sequence !== suspendedBy)) {
      return;
    }
    backlog.progress();
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
    backlog.unshift(rest);
    accumulatedSince = rest.length > 0 ? 0 : accumulatedSince;
    return true;
  }

  return {
    push: (bytes) => {
      if (!pending && backlog.length() === 0) {
        // Nothing was outstanding: the time to answer begins now.
        backlog.progress();
      }
      accumulatedSince ??= timers.now();
      backlog.push(bytes);
      pump();
    },
    markOverrun: backlog.markGap,
    acknowledge,
    flush: () => {
      backlog.clear();
      pending = undefined;
      suspendedBy = undefined;
      accumulatedSince = undefined;
      backlog.progress();
      backlog.resume();
    },
    hold: (reason, isHeld) => {
      if (isHeld) {
        holds.add(reason);
      } else if (holds.delete(reason)) {
        pump();
      }
    },
    close: () => {
      running.close();
      backlog.close();
    },
  };
}

/** With its header, and room for the characters. */
function emptyPacket(sequence: number, count: number, hasGap: boolean): Buffer {
  const packet = Buffer.allocUnsafe(solHeaderLength + count);
  // Acknowledgements have packets of their own: in a retry pyghmi would take an old number for a lost packet.
  packet.writeUInt32BE(((sequence << 24) | (hasGap ? solStatus.overrun : 0)) >>> 0);
  return packet;
}
