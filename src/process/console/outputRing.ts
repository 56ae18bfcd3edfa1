/** The last output of a VM. Who reads it keeps a position of their own: bytes since the VM was first served. */

/** Memory is taken as output comes: most consoles say little. */
const blockBytes = 8_192;

export interface OutputRing {
  /** Position of the oldest byte that is kept. */
  readonly start: number;
  /** Position after the newest byte. */
  readonly end: number;
  /** Copies the bytes. */
  readonly append: (bytes: Buffer) => void;
  /** Bytes from a position between `start` and `end` on, as many as lie together; they never change. */
  readonly read: (position: number) => Buffer;
}

/** @param capacity bytes that are kept at least, once there have been so many */
export function createOutputRing(capacity: number): OutputRing {
  const blocks: Buffer[] = [];
  const maxBlocks = Math.ceil(capacity / blockBytes) + 1;
  /** Position of the first block. */
  let start = 0;
  let end = 0;

  function lastBlock(): Buffer {
    const isFull = end % blockBytes === 0;
    const last = blocks.at(-1);
    if (last !== undefined && !isFull) {
      return last;
    }
    const block = Buffer.allocUnsafeSlow(blockBytes);
    blocks.push(block);
    if (blocks.length > maxBlocks) {
      blocks.shift();
      start += blockBytes;
    }
    return block;
  }

  return {
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    append: (bytes) => {
      let rest = bytes;
      while (rest.length > 0) {
        const copied = rest.copy(lastBlock(), end % blockBytes);
        end += copied;
        rest = rest.subarray(copied);
      }
    },
    read: (position) => {
      const index = Math.floor((position - start) / blockBytes);
      const block = blocks[index];
      if (block === undefined || position >= end) {
        return Buffer.alloc(0);
      }
      const from = position % blockBytes;
      return block.subarray(from, Math.min(blockBytes, from + end - position));
    },
  };
}
