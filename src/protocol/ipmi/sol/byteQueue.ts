/** Bytes in the order in which they came, in chunks as they came. */

export interface ByteQueue {
  readonly length: () => number;
  /** Copies the bytes. */
  readonly push: (bytes: Uint8Array) => void;
  /** Puts bytes in front; they are not copied. */
  readonly unshift: (bytes: Buffer) => void;
  /** Moves bytes to `target` from `start` on, as many as fit into `count`. @returns how many */
  readonly moveTo: (target: Buffer, start: number, count: number) => number;
  /** Removes the oldest bytes. */
  readonly drop: (count: number) => void;
  readonly clear: () => void;
}

/** Chunks of which the queue holds no more than `smallest` bytes each are joined: a guest may print byte by byte. */
const smallest = 1_024;

export function createByteQueue(): ByteQueue {
  let chunks: Buffer[] = [];
  /** Bytes of the last chunk that are in use: it may have room for more. */
  let lastUsed = 0;
  let length = 0;

  const end = (index: number): number => (index === chunks.length - 1 ? lastUsed : (chunks[index]?.length ?? 0));

  function push(bytes: Uint8Array): void {
    if (bytes.length === 0) {
      return;
    }
    length += bytes.length;
    const last = chunks.at(-1);
    if (last && bytes.length <= last.length - lastUsed) {
      last.set(bytes, lastUsed);
      lastUsed += bytes.length;
      return;
    }
    if (last) {
      chunks[chunks.length - 1] = last.subarray(0, lastUsed);
    }
    const chunk = Buffer.allocUnsafeSlow(Math.max(bytes.length, smallest));
    chunk.set(bytes);
    chunks.push(chunk);
    lastUsed = bytes.length;
  }

  /** Takes `count` bytes from the front, in parts. */
  function take(count: number, onPart: (part: Buffer) => void): void {
    let left = Math.min(count, length);
    length -= left;
    let index = 0;
    while (left > 0) {
      const chunk = chunks[index];
      if (!chunk) {
        break;
      }
      const size = Math.min(left, end(index));
      onPart(chunk.subarray(0, size));
      left -= size;
      if (size < end(index)) {
        if (index === chunks.length - 1) {
          lastUsed -= size;
        }
        chunks[index] = chunk.subarray(size);
      } else {
        index++;
      }
    }
    if (index > 0) {
      chunks.splice(0, index);
    }
  }

  return {
    length: () => length,
    push,
    unshift: (bytes) => {
      if (bytes.length > 0) {
        if (chunks.length === 0) {
          lastUsed = bytes.length;
        }
        chunks.unshift(bytes);
        length += bytes.length;
      }
    },
    moveTo: (target, start, count) => {
      let at = start;
      take(count, (part) => {
        target.set(part, at);
        at += part.length;
      });
      return at - start;
    },
    drop: (count) => take(count, () => undefined),
    clear: () => {
      chunks = [];
      lastUsed = 0;
      length = 0;
    },
  };
}
