/** What a BMC remembers, whoever talks to it. */
import type { ChannelAccess } from "./channel.js";
import type { UserTable } from "./users.js";

export interface Bmc {
  readonly vmName: string;
  /** 16 bytes as RAKP Message 2 and Get System GUID carry them (IPMI 2.0 §20.8: least significant byte first). */
  readonly guid: () => Buffer;
  readonly users: UserTable;
  /** Access settings of LAN channel 1 (§22.22-23). */
  readonly channel: ChannelAccess;
  /** Enabled cipher suite IDs, ascending (table 22-20). */
  readonly cipherSuites: readonly number[];
  /** Authentication types offered for IPMI 1.5 sessions. */
  readonly ipmi15Auth: readonly ("md5" | "password" | "none")[];
  /** The BMC key Kg, 20 bytes; undefined: the user's password takes its place (§13.31). */
  readonly kg: Buffer | undefined;
  /** `02:00:00:xx:yy:zz`: the MAC address that LAN parameter 5 tells and DPM wakes. */
  readonly macAddress: string;
}
