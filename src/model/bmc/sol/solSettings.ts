/** SOL configuration parameters (IPMI 2.0 §26.3, table 26-5) as they are kept. */
import { boolean, fields, integer, oneOf } from "../../../base/document/codec.js";
import { createPersistentState } from "../state/persistentState.js";
import type { BmcStorage } from "../state/storage.js";

/** The parameters that are kept. */
export interface SolParameters {
  /** Parameter 1. */
  readonly isEnabled: boolean;
  /** Parameter 2: what every packet of a payload must have. */
  readonly forcesEncryption: boolean;
  readonly forcesAuthentication: boolean;
  /** Parameter 2: who may activate a payload: 2 USER, 3 OPERATOR, 4 ADMINISTRATOR, 5 OEM. */
  readonly privilegeLevel: number;
  /** Parameter 3, in 5 ms. */
  readonly accumulateInterval: number;
  /** Parameter 3, in characters; 1: each one is sent at once. */
  readonly sendThreshold: number;
  /** Parameter 4. */
  readonly retryCount: number;
  /** Parameter 4, in 10 ms. */
  readonly retryInterval: number;
  /** Parameter 5: 0 as the serial channel, 6-10 for 9.6 to 115.2 kbit/s. A virtual port has none: it changes nothing. */
  readonly bitRate: BitRate;
}

/** How characters are sent. */
export interface SolTiming {
  /** How long to wait for `sendThreshold` characters, ms. */
  readonly accumulateMs: number;
  /** So many characters are sent without waiting. */
  readonly sendThreshold: number;
  readonly retryCount: number;
  readonly retryIntervalMs: number;
}

export interface SolSettings {
  /** Parameter 0: 0 set complete, 1 set in progress. */
  setInProgress: number;
  /** Parameter 6: as parameter 5, until the next activation. */
  volatileBitRate: BitRate;
  readonly kept: () => SolParameters;
  /** Resolves once it is stored; rejects with StorageError. */
  readonly change: (change: Partial<SolParameters>) => Promise<void>;
  readonly timing: () => SolTiming;
}

/** Rates that a client can choose (table 26-5): 0, and 9.6, 19.2, 38.4, 57.6 and 115.2 kbit/s. */
export const bitRates = [0, 6, 7, 8, 9, 10] as const;
export type BitRate = (typeof bitRates)[number];

const defaults: SolParameters = {
  isEnabled: true,
  forcesEncryption: false,
  forcesAuthentication: false,
  // Who may switch the system on and off.
  privilegeLevel: 3,
  accumulateInterval: 1,
  sendThreshold: 1,
  retryCount: 7,
  retryInterval: 10,
  bitRate: 10,
};

const codec = fields<SolParameters>({
  isEnabled: boolean,
  forcesEncryption: boolean,
  forcesAuthentication: boolean,
  privilegeLevel: integer(2, 5),
  accumulateInterval: integer(1, 0xff),
  sendThreshold: integer(1, 0xff),
  retryCount: integer(0, 7),
  retryInterval: integer(0, 0xff),
  bitRate: oneOf(...bitRates),
});

/** A retry interval of 0 would be a busy loop, ms. */
const minRetryMs = 10;

export function createSolSettings(storage: BmcStorage): SolSettings {
  const state = createPersistentState<SolParameters>(storage, "sol", defaults, codec);
  return {
    setInProgress: 0,
    volatileBitRate: state.value().bitRate,
    kept: state.value,
    change: (change) => state.change((kept) => ({ ...kept, ...change })),
    timing: () => {
      const { accumulateInterval, sendThreshold, retryCount, retryInterval } = state.value();
      return {
        accumulateMs: accumulateInterval * 5,
        sendThreshold,
        retryCount,
        retryIntervalMs: Math.max(retryInterval * 10, minRetryMs),
      };
    },
  };
}
