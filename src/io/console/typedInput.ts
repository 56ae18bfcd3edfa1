/** What a client types, on its way to the console process: so much at a time as that takes. */
import { encodeFrame, windowBytes } from "./frames.js";

export interface TypedInput {
  /** Takes all of the bytes; false: there is enough for now. */
  readonly write: (bytes: Uint8Array) => boolean;
  /** After what was written before. */
  readonly sendBreak: () => void;
  /** The console process has taken so many bytes. True: there was enough, and now there is room again. */
  readonly taken: (count: number) => boolean;
}

export function createTypedInput(send: (frame: Buffer) => void): TypedInput {
  const waiting: (Buffer | "break")[] = [];
  let waitingBytes = 0;
  let onTheWay = 0;
  let isFull = false;

  function sendNext(next: Buffer | "break"): void {
    if (next === "break") {
      send(encodeFrame("break"));
      return;
    }
    const part = next.subarray(0, windowBytes - onTheWay);
    send(encodeFrame("data", part));
    onTheWay += part.length;
    waitingBytes -= part.length;
    if (part.length < next.length) {
      waiting.unshift(next.subarray(part.length));
    }
  }

  function flush(): void {
    while (onTheWay < windowBytes) {
      const next = waiting.shift();
      if (next === undefined) {
        return;
      }
      sendNext(next);
    }
  }

  return {
    write: (bytes) => {
      if (bytes.length > 0) {
        waiting.push(Buffer.from(bytes));
        waitingBytes += bytes.length;
        flush();
      }
      isFull = onTheWay + waitingBytes >= windowBytes;
      return !isFull;
    },
    sendBreak: () => {
      waiting.push("break");
      flush();
    },
    taken: (count) => {
      onTheWay = Math.max(0, onTheWay - count);
      flush();
      const hasRoom = isFull && onTheWay + waitingBytes <= windowBytes / 2;
      isFull &&= !hasRoom;
      return hasRoom;
    },
  };
}
