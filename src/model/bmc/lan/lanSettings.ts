/** LAN parameters that can be written (IPMI 2.0 table 23-4); all others belong to the host or the configuration. */
import { byNumber, bytes, fields, integer } from "../../../base/document/codec.js";
import { createPersistentState } from "../state/persistentState.js";
import type { BmcStorage } from "../state/storage.js";
import { administrator } from "../users/user.js";

export interface LanSettings {
  /** Parameter 0: 0 set complete, 1 set in progress. */
  setInProgress: number;
  /** Parameter 16, 18 bytes. */
  readonly communityString: () => Buffer;
  readonly setCommunityString: (value: Buffer) => Promise<void>;
  /** Highest privilege of sessions with this cipher suite, 0-4 (parameter 24); 0: the suite is disabled. */
  readonly cipherSuiteLimit: (id: number) => number;
  readonly setCipherSuiteLimits: (limits: ReadonlyMap<number, number>) => Promise<void>;
}

interface Persisted {
  readonly communityString: Buffer;
  readonly cipherSuiteLimits: ReadonlyMap<number, number>;
}

export const communityStringLength = 18;

export function createLanSettings(storage: BmcStorage): LanSettings {
  const state = createPersistentState<Persisted>(storage, "lan", defaults(), codec);
  return {
    setInProgress: 0,
    communityString: () => Buffer.concat([state.value().communityString], communityStringLength),
    setCommunityString: (communityString) => state.change((kept) => ({ ...kept, communityString })),
    cipherSuiteLimit: (id) => state.value().cipherSuiteLimits.get(id) ?? administrator,
    setCipherSuiteLimits: (limits) =>
      state.change((kept) => ({ ...kept, cipherSuiteLimits: new Map([...kept.cipherSuiteLimits, ...limits]) })),
  };
}

function defaults(): Persisted {
  const communityString = Buffer.alloc(communityStringLength);
  communityString.write("public");
  return { communityString, cipherSuiteLimits: new Map() };
}

const codec = fields<Persisted>({
  communityString: bytes(communityStringLength),
  cipherSuiteLimits: byNumber(integer(0, 0xff), integer(0, administrator)),
});
