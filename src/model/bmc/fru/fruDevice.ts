/** FRU device 0 (IPMI 2.0 chapter 34): its content is the VM's; of what is written, the asset tag is kept. */
import { encodeFru, type FruContent, readAssetTag } from "./fruAreas.js";

/** The inventory with room for a longer asset tag and whatever clients write in between. */
export const fruSize = 1_024;

export interface FruDevice {
  /** What the VM is like now; reads in pieces give this until the next call. */
  readonly refresh: () => Promise<void>;
  readonly read: () => Promise<Buffer>;
  /**
   * Clients write pieces of an inventory that is whole at the end only. Once it is, its asset tag is kept; resolves then,
   * rejects with StorageError.
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
