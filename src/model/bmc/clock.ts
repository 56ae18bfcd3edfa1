/** The BMC's own time (IPMI 2.0 §31.10-11b, §37): the host's plus an offset that Set SEL Time determines. */
import { fields, integer } from "../../base/document/codec.js";
import { createPersistentState } from "./state/persistentState.js";
import type { BmcStorage } from "./state/storage.js";

export interface Clock {
  /** Seconds since 1970-01-01. */
  readonly now: () => number;
  readonly set: (seconds: number) => Promise<void>;
  /** Minutes that local time is ahead of UTC, -1440 to 1440, or `unspecifiedOffset`. */
  readonly utcOffset: () => number;
  readonly setUtcOffset: (minutes: number) => Promise<void>;
}

export const unspecifiedUtcOffset = 0x07ff;
const maxUtcOffset = 1_440;

interface Persisted {
  readonly aheadSeconds: number;
  readonly utcOffsetMinutes: number;
}

/** `hostNow` is in milliseconds. */
export function createClock(storage: BmcStorage, hostNow: () => number): Clock {
  // Defaults to UTC.
  const state = createPersistentState<Persisted>(storage, "clock", { aheadSeconds: 0, utcOffsetMinutes: 0 }, codec);
  const hostSeconds = (): number => Math.floor(hostNow() / 1_000);
  return {
    now: () => (hostSeconds() + state.value().aheadSeconds) >>> 0,
    set: (seconds) => {
      const aheadSeconds = seconds - hostSeconds();
      return state.change((kept) => (kept.aheadSeconds === aheadSeconds ? kept : { ...kept, aheadSeconds }));
    },
    utcOffset: () => state.value().utcOffsetMinutes,
    setUtcOffset: (utcOffsetMinutes) =>
      state.change((kept) => (kept.utcOffsetMinutes === utcOffsetMinutes ? kept : { ...kept, utcOffsetMinutes })),
  };
}

/** Whether the offset is valid (§31.11b). */
export function isUtcOffset(minutes: number): boolean {
  return Math.abs(minutes) <= maxUtcOffset || minutes === unspecifiedUtcOffset;
}

const codec = fields<Persisted>({
  aheadSeconds: integer(-0xffff_ffff, 0xffff_ffff),
  utcOffsetMinutes: integer(-maxUtcOffset, unspecifiedUtcOffset),
});
