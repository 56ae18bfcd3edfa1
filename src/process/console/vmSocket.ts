/** The socket of a VM's connection, and the one timer that runs for it. */
import type { Duplex } from "node:stream";

/** How long a connection that we closed may take to be closed by the other end, ms. */
const closeTimeoutMs = 5_000;

export interface VmSocket {
  /** False: there is enough for now. */
  readonly send: (bytes: Uint8Array) => boolean;
  /** Sent, and not taken by the other end yet. */
  readonly waitingBytes: number;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Sends what is written, and closes; reads on until the other end does the same, or for a while. */
  readonly end: () => void;
  readonly destroy: () => void;
  /** Replaces what was waited for before. */
  readonly wait: (ms: number, then: () => void) => void;
  readonly stopWaiting: () => void;
}

/** @param socket TCP or TLS */
export function createVmSocket(socket: Duplex): VmSocket {
  let timer: NodeJS.Timeout | undefined;

  function wait(ms: number, then: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  }

  return {
    send: (bytes) => !socket.writable || bytes.length === 0 || socket.write(bytes),
    get waitingBytes() {
      return socket.writableLength;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => {
      socket.end();
      wait(closeTimeoutMs, () => socket.destroy());
    },
    destroy: () => void socket.destroy(),
    wait,
    stopWaiting: () => clearTimeout(timer),
  };
}
