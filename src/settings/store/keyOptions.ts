/**
 * The options of `vbmc add` and `vbmc set` for keys with neither default nor secret, one row each. Apart from bmcKeys.ts,
 * so that `vbmc` need not load the schemas to know its options.
 */
import type { StoredKey } from "./bmcKeys.js";

export interface KeyOption {
  /** As the option's help names the value. */
  readonly value: string;
  readonly isInteger?: true;
  /** What it does; absent: `vbmc add` has no such option. */
  readonly add?: string;
  /** What it does, and what '' does. */
  readonly set: string;
}

export const keyOptions: Readonly<Partial<Record<StoredKey, KeyOption>>> = {
  fakemac: {
    value: "fakemac",
    add: "the MAC address that the BMC reports (default: derived from the name)",
    set: "the MAC address that the BMC reports; '' derives it from the name again",
  },
  vm_uuid: {
    value: "vm_uuid",
    add: "find the virtual machine by this UUID instead of its name",
    set: "find the virtual machine by this UUID; '' finds it by its name again",
  },
  redfish_port: {
    value: "port",
    isInteger: true,
    add: "serve Redfish too, on this TCP port",
    set: "serve Redfish too, on this TCP port; '' turns it off",
  },
  console: {
    value: "console",
    add: "how the console is reached: off, concentrator, tcp://HOST:PORT, tcp-listen://ADDRESS:PORT, or the same with telnet",
    set: "how the console is reached: off, concentrator, tcp://HOST:PORT, tcp-listen://ADDRESS:PORT, or the same with telnet; '' is the default",
  },
  sol_port: {
    value: "port",
    isInteger: true,
    set: "the UDP port for Serial over LAN that is reported to clients; '' uses that of the BMC",
  },
};
