/** LAN parameters that can be written (IPMI 2.0 table 23-4); all others are the host's or the configuration's. */
import { asObject, bytesField, numberField } from "./jsonFields.js";
import { createKeptState, type Codec } from "./keptState.js";
import type { BmcMemory } from "./memory.js";
import { administrator } from "./user.js";

export interface LanSettings {
  /** Parameter 0: 0 set complete, 1 set in progress. */
  setInProgress: number;
  /** Parameter 16, 18 bytes. */
  readonly communityString: () => Buffer;
  readonly setCommunityString: (value: Buffer) => Promise<void>;
  /** Highest privilege of sessions with this cipher suite, 0-4 (parameter 24); 0: the suite is not to be used. */
  readonly cipherSuiteLimit: (id: number) => number;
  readonly setCipherSuiteLimits: (limits: ReadonlyMap<number, number>) => Promise<void>;
}

interface Kept {
  readonly communityString: Buffer;
  readonly cipherSuiteLimits: ReadonlyMap<number, number>;
}

export const communityStringLength = 18;

export function createLanSettings(memory: BmcMemory): LanSettings {
  const state = createKeptState<Kept>(memory, "lan", defaults(), keptCodec);
  return {
    setInProgress: 0,
    communityString: () => state.value().communityString,
    setCommunityString: (communityString) => state.change((kept) => ({ ...kept, communityString })),
    cipherSuiteLimit: (id) => state.value().cipherSuiteLimits.get(id) ?? administrator,
    setCipherSuiteLimits: (limits) =>
      state.change((kept) => ({ ...kept, cipherSuiteLimits: new Map([...kept.cipherSuiteLimits, ...limits]) })),
  };
}

function defaults(): Kept {
  const communityString = Buffer.alloc(communityStringLength);
  communityString.write("public");
  return { communityString, cipherSuiteLimits: new Map() };
}

const keptCodec: Codec<Kept> = {
  encode: ({ communityString, cipherSuiteLimits }) => ({
    communityString: communityString.toString("base64"),
    cipherSuiteLimits: Object.fromEntries(cipherSuiteLimits),
  }),
  decode: (document) => {
    const object = asObject(document, "the document");
    const limits = asObject(object["cipherSuiteLimits"], "cipherSuiteLimits");
    const communityString = bytesField(object, "communityString", communityStringLength);
    return {
      communityString: Buffer.concat([communityString], communityStringLength),
      cipherSuiteLimits: new Map(
        Object.keys(limits).map((id) => [Number(id), numberField(limits, id, 0, administrator)]),
      ),
    };
  },
};
