/** A client's place in a VM's output: what it is sent, and what it has not confirmed yet. */
import type { Socket } from "node:net";

import { encodeFrame, encodeFrameHeader, windowBytes } from "../../io/console/frames.js";
import type { OutputRing } from "./outputRing.js";

/** To copy so few bytes into a frame costs less than another write. */
const copiedBytes = 1_024;
/** For so long a client may have read nothing before the VM no longer waits for it, ms. */
const silenceMs = 10_000;

export interface SeatOutputOptions {
  readonly socket: Socket;
  readonly ring: OutputRing;
  /** Of earlier output, to begin with. */
  readonly replayBytes: number;
  /** It has stopped reading. */
  readonly onSilence: () => void;
}

export interface SeatOutput {
  /** Of the next byte to be sent. */
  readonly position: number;
  readonly isReading: boolean;
  /** Sends as much as may be on its way. */
  readonly pump: () => void;
  /** It has read so many bytes more. */
  readonly confirm: (count: number) => void;
  readonly close: () => void;
}

export function createSeatOutput({ socket, ring, replayBytes, onSilence }: SeatOutputOptions): SeatOutput {
  let position = Math.max(ring.start, ring.end - replayBytes);
  /** Bytes that the client has not confirmed. */
  let onTheWay = 0;
  let isReading = true;
  let silence: NodeJS.Timeout | undefined;

  function silent(): void {
    isReading = false;
    onSilence();
  }

  function restartSilence(): void {
    clearTimeout(silence);
    silence = onTheWay === 0 ? undefined : setTimeout(silent, silenceMs);
  }

  function skip(): void {
    const skipped = Buffer.alloc(8);
    skipped.writeBigUInt64BE(BigInt(ring.start - position));
    socket.write(encodeFrame("overrun", skipped));
    position = ring.start;
  }

  function pump(): void {
    if (position < ring.start) {
      skip();
    }
    const wasIdle = onTheWay === 0;
    socket.cork();
    while (position < ring.end && onTheWay < windowBytes && !socket.writableNeedDrain) {
      const bytes = ring.read(position);
      if (bytes.length <= copiedBytes) {
        socket.write(encodeFrame("data", bytes));
      } else {
        socket.write(encodeFrameHeader("data", bytes.length));
        socket.write(bytes);
      }
      position += bytes.length;
      onTheWay += bytes.length;
    }
    socket.uncork();
    if (wasIdle) {
      restartSilence();
    }
  }

  return {
    get position() {
      return position;
    },
    get isReading() {
      return isReading;
    },
    pump,
    confirm: (count) => {
      onTheWay = Math.max(0, onTheWay - count);
      isReading = true;
      restartSilence();
      pump();
    },
    close: () => clearTimeout(silence),
  };
}
