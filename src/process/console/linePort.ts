/** A VM's serial port on its console: which connection it has now, and in a vMotion also the one that it leaves. */
import type { LineInput } from "./lineInput.js";
import type { SerialConnection } from "./serialConnection.js";

export interface LinePortOptions {
  readonly input: LineInput;
  readonly now: () => Date;
  /** For `vbmc events`. */
  readonly onEvent: (text: string) => void;
  /** Whether it is connected has changed, and what was typed may go on. */
  readonly onConnected: () => void;
  /** It goes on at another connection. */
  readonly onMoved: () => void;
  readonly onFailed: () => void;
}

export interface LinePort {
  readonly connection: SerialConnection | undefined;
  readonly connectedSince: Date | undefined;
  readonly lastError: string | undefined;
  /** Whether it is the present connection, or the one that the VM moved away from. */
  readonly isOwn: (from: SerialConnection) => boolean;
  readonly isPaused: boolean;
  /** Stops reading, or goes on. */
  readonly setPaused: (isPaused: boolean) => void;
  readonly connect: (next: SerialConnection) => void;
  readonly moveTo: (next: SerialConnection) => void;
  readonly closed: (from: SerialConnection, reason?: string) => void;
  readonly failed: (reason: string) => void;
  readonly close: () => void;
}

export function createLinePort({ input, now, onEvent, onConnected, onMoved, onFailed }: LinePortOptions): LinePort {
  let connection: SerialConnection | undefined;
  let connectedSince: Date | undefined;
  let lastError: string | undefined;
  /** What the VM said there last is still to be read. */
  let former: SerialConnection | undefined;
  let isPaused = false;

  function use(next: SerialConnection): void {
    connection = next;
    input.connected();
    if (isPaused) {
      next.pause();
    }
  }

  function disconnected(reason: string | undefined): void {
    connection = undefined;
    connectedSince = undefined;
    input.free();
    lastError = reason ?? lastError;
    onEvent(reason === undefined ? "the VM closed its serial port" : `the VM's serial port is lost: ${reason}`);
    onConnected();
  }

  return {
    get connection() {
      return connection;
    },
    get connectedSince() {
      return connectedSince;
    },
    get lastError() {
      return lastError;
    },
    get isPaused() {
      return isPaused;
    },
    isOwn: (from) => from === connection || from === former,
    setPaused: (isToPause) => {
      isPaused = isToPause;
      for (const each of [former, connection]) {
        if (isPaused) {
          each?.pause();
        } else {
          each?.resume();
        }
      }
    },
    connect: (next) => {
      const replaced = connection;
      use(next);
      connectedSince = now();
      lastError = undefined;
      replaced?.destroy();
      onEvent(`the VM's serial port is connected from ${next.from}`);
      onConnected();
    },
    moveTo: (next) => {
      former = connection;
      use(next);
      input.free();
      onEvent(`the VM's serial port moved to ${next.from} with the VM`);
      onMoved();
    },
    closed: (from, reason) => {
      if (from === connection) {
        disconnected(reason);
      } else if (from === former) {
        former = undefined;
      }
    },
    failed: (reason) => {
      if (lastError !== reason) {
        lastError = reason;
        onEvent(reason);
        onFailed();
      }
    },
    close: () => {
      const last = connection;
      connection = undefined;
      last?.end();
    },
  };
}
