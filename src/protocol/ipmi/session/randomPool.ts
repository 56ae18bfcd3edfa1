/** Random bytes generated in blocks: a call of the generator costs the same for 16 bytes as for thousands. */

const blockSize = 4096;

/** The same signature as node:crypto's randomBytes; no bytes are returned twice. */
export function createRandomPool(randomBytes: (size: number) => Buffer): (size: number) => Buffer {
  let block: Buffer = Buffer.alloc(0);
  let used = 0;
  return (size) => {
    if (size > blockSize) {
      return randomBytes(size);
    }
    if (block.length - used < size) {
      block = randomBytes(blockSize);
      used = 0;
    }
    used += size;
    return block.subarray(used - size, used);
  };
}
