/** Random bytes drawn in blocks: one call of the generator costs as much for 16 bytes as for thousands. */

const blockSize = 4096;

/** The same signature as node:crypto's randomBytes; what it gives is never given again. */
export function createRandomPool(randomBytes: (size: number) => Buffer): (size: number) => Buffer {
  let block: Buffer = Buffer.alloc(0);
  return (size) => {
    if (size > blockSize) {
      return randomBytes(size);
    }
    if (block.length < size) {
      block = randomBytes(blockSize);
    }
    const bytes = block.subarray(0, size);
    block = block.subarray(size);
    return bytes;
  };
}
