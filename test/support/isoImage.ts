/** ISO 9660 images as small as they can be: a volume descriptor with a name (ECMA-119 §8.4), and bytes behind it. */

const sectorBytes = 2048;
/** 16 sectors for the system, the primary volume descriptor and the terminator. */
const headSectors = 18;

/** `padding` bytes follow the descriptors: images of the same name differ by it. */
export function isoImage(volumeId: string, padding: Buffer | number = 0): Buffer {
  const head = Buffer.alloc(headSectors * sectorBytes);
  const descriptor = head.subarray(16 * sectorBytes);
  descriptor.write("\x01CD001\x01", "latin1");
  descriptor.write(volumeId.padEnd(32), 40, "latin1");
  head.subarray(17 * sectorBytes).write("\xffCD001\x01", "latin1");
  return Buffer.concat([head, typeof padding === "number" ? Buffer.alloc(padding) : padding]);
}
