/**
 * The names that the owner gives to the machine and its BMC: the asset tag (shared by FRU and DCMI) and DCMI's
 * identifier.
 */
import { bytes, fields } from "../../../base/document/codec.js";
import { createPersistentState } from "../state/persistentState.js";
import type { BmcStorage } from "../state/storage.js";

/** Maximum length of a FRU field; DCMI 1.5 §6.4.1 allows the same. */
export const maxAssetTagLength = 63;
/** Without the null (DCMI 1.5 §6.4.6). */
export const maxControllerIdLength = 63;

export interface Asset {
  /** The bytes as set: Latin 1, or UTF-8 after a byte order mark. */
  readonly tag: () => Buffer;
  /** Resolves once it is stored; rejects with StorageError. */
  readonly setTag: (tag: Buffer) => Promise<void>;
  /** Without the null; the default of DCMI 1.5 §6.4.6 until it is set. */
  readonly controllerId: () => Buffer;
  readonly setControllerId: (id: Buffer) => Promise<void>;
}

interface Persisted {
  readonly tag: Buffer;
  readonly controllerId: Buffer;
}

export function createAsset(storage: BmcStorage, macAddress: string): Asset {
  const initial: Persisted = { tag: Buffer.alloc(0), controllerId: Buffer.from(`DCMI${macAddress}`) };
  const state = createPersistentState<Persisted>(storage, "asset", initial, codec);

  /** Unchanged values are not written. */
  function change(part: Partial<Persisted>): Promise<void> {
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

const codec = fields<Persisted>({ tag: bytes(maxAssetTagLength), controllerId: bytes(maxControllerIdLength) });
