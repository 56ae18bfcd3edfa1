/** FRU device 0 (IPMI 2.0 chapter 34): its content describes the VM; writes only change the asset tag. */
import { encodeFru, type FruContent, readAssetTag } from "./fruAreas.js";

/** The inventory, with space for a longer asset tag and for intermediate states of writes. */
export const fruSize = 1_024;

export interface FruDevice {
  /** Takes the VM's current data; partial reads return this until the next call. */
  readonly refresh: () => Promise<void>;
  readonly read: () => Promise<Buffer>;
  /**
   * Clients write an inventory in pieces that are complete only at the end. Then its asset tag is stored; resolves
   * then, rejects with StorageError.
   */
  readonly write: (offset: number, bytes: Buffer) => Promise<void>;
}

export function createFruDevice(
  content: () => Promise<FruContent>,
  setAssetTag: (tag: Buffer) => Promise<void>,
): FruDevice {
  let image: Buffer | undefined;

  async function build(): Promise<Buffer> {
    const areas = encodeFru(await content());
    const whole = Buffer.alloc(fruSize);
    areas.copy(whole);
    image = whole;
    return whole;
  }

  return {
    refresh: async () => {
      await build();
    },
    read: async () => image ?? (await build()),
    write: async (offset, bytes) => {
      const whole = image ?? (await build());
      bytes.copy(whole, offset);
      const tag = readAssetTag(whole);
      if (tag) {
        await setAssetTag(tag);
      }
    },
  };
}
