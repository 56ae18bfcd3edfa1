/** Access settings of the LAN channel (IPMI 2.0 §22.22, table 22-28): the current ones, and the non-volatile ones. */
import { boolean, fields, integer, oneOf } from "../../../base/document/codec.js";
import { createPersistentState } from "../state/persistentState.js";
import type { BmcStorage } from "../state/storage.js";
import { administrator } from "../users/user.js";

export interface ChannelAccess {
  /** 2 always available, 3 shared, which differ only for a serial port; other modes would end all access. */
  readonly accessMode: 2 | 3;
  /**
   * Privilege limit of all sessions of the channel: 4 ADMINISTRATOR or 5 OEM; a lower limit would prevent all
   * administration.
   */
  readonly privilegeLimit: number;
  /** Allows PEF alerts on this channel, which do not exist yet. */
  readonly alerting: boolean;
}

export interface Channel {
  /** In force now (volatile). */
  readonly active: () => ChannelAccess;
  /** In force after the next system reset. */
  readonly nonVolatile: () => ChannelAccess;
  readonly setActive: (change: Partial<ChannelAccess>) => void;
  /** Resolves once it is stored; rejects with StorageError. Does not change the current settings. */
  readonly setNonVolatile: (change: Partial<ChannelAccess>) => Promise<void>;
  /** The system was reset or powered off: the non-volatile settings take effect. */
  readonly restore: () => void;
}

const oem = 5;
// DPM wakes hosts only through a channel that is always available.
const defaults: ChannelAccess = { accessMode: 2, privilegeLimit: administrator, alerting: false };

export function createChannel(storage: BmcStorage): Channel {
  const state = createPersistentState<ChannelAccess>(storage, "channel", defaults, codec);
  let active = state.value();
  return {
    active: () => active,
    nonVolatile: state.value,
    setActive: (change) => {
      active = { ...active, ...change };
    },
    setNonVolatile: (change) => state.change((kept) => ({ ...kept, ...change })),
    restore: () => {
      active = state.value();
    },
  };
}

const codec = fields<ChannelAccess>({
  accessMode: oneOf(2, 3),
  privilegeLimit: integer(administrator, oem),
  alerting: boolean,
});
