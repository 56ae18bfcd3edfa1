/** What the owner calls the machine and its BMC: the asset tag (FRU and DCMI are two ways to it) and DCMI's identifier. */
import { bytes, fields } from "../document/codec.js";
import { createKeptState } from "./keptState.js";
import type { BmcMemory } from "./memory.js";

/** What a FRU field can hold; DCMI 1.5 §6.4.1 allows as much. */
export const longestAssetTag = 63;
/** Without its null (DCMI 1.5 §6.4.6). */
export const longestControllerId = 63;

export interface Asset {
  /** Bytes as they were set: Latin 1, or UTF-8 behind a byte order mark. */
  readonly tag: () => Buffer;
  /** Kept when it resolves; rejects with MemoryError. */
  readonly setTag: (tag: Buffer) => Promise<void>;
  /** Without its null; the default of DCMI 1.5 §6.4.6 until it is set. */
  readonly controllerId: () => Buffer;
  readonly setControllerId: (id: Buffer) => Promise<void>;
}

interface Kept {
  readonly tag: Buffer;
  readonly controllerId: Buffer;
}

export function createAsset(memory: BmcMemory, macAddress: string): Asset {
  const initial: Kept = { tag: Buffer.alloc(0), controllerId: Buffer.from(`DCMI${macAddress}`) };
  const state = createKeptState<Kept>(memory, "asset", initial, codec);

  /** What is the same is not written. */
  function change(part: Partial<Kept>): Promise<void> {
    return state.change((kept) => {
      const changed = { ...kept, ...part };
      const isSame = changed.tag.equals(kept.tag) && changed.controllerId.equals(kept.controllerId);
      return isSame ? kept : changed;
    });
  }

  return {
    tag: () => state.value().tag,
    setTag: (tag) => change({ tag: Buffer.from(tag) }),
    controllerId: () => state.value().controllerId,
    setControllerId: (controllerId) => change({ controllerId: Buffer.from(controllerId) }),
  };
}

const codec = fields<Kept>({ tag: bytes(longestAssetTag), controllerId: bytes(longestControllerId) });
