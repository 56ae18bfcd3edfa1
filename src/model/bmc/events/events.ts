/** Events of a BMC and its machine, as the SEL records them. */

import type { BootDevice } from "../../machine/machine.js";

/** The cause of an event. */
export type EventOrigin =
  /** A command in a session: the user's slot, and the IP address of the console. */
  | { readonly by: "command"; readonly userId: number; readonly address: string }
  | { readonly by: "watchdog" }
  | { readonly by: "restorePolicy" }
  /** Another source: a vSphere client, vSphere itself, or the guest. */
  | { readonly by: "vsphere" };

/** `softReset`: the guest was asked to restart. */
export type PowerChange = "on" | "off" | "cycle" | "reset" | "softReset";

export type BmcEvent =
  | { readonly type: "bmcStarted" }
  | { readonly type: "power"; readonly change: PowerChange; readonly origin: EventOrigin }
  /** The guest's VMware Tools started; `device` is the boot device of this start. */
  | { readonly type: "booted"; readonly device: Exclude<BootDevice, "bios"> }
  /** A question blocks the machine: commands have no effect until it is answered. */
  | { readonly type: "questionAsked" }
  | { readonly type: "questionAnswered" }
  | { readonly type: "diagnosticInterrupt"; readonly origin: EventOrigin }
  /** vSphere did not carry out a command; `operation` is the MachineOperation's name. */
  | { readonly type: "operationFailed"; readonly operation: string; readonly origin?: EventOrigin }
  | {
      readonly type: "loginFailed";
      /** Slot; 0 for an unknown user. */
      readonly userId: number;
      readonly address: string;
      /** The bad password threshold disabled the user. */
      readonly disablesUser: boolean;
    }
  | { readonly type: "selCleared"; readonly origin: EventOrigin }
  | {
      readonly type: "watchdogExpired";
      readonly action: "none" | "reset" | "off" | "cycle" | "preTimeoutInterrupt";
      /** Timer use, 1-5 (IPMI 2.0 table 27-3). */
      readonly timerUse: number;
      /** Pre-timeout interrupt, 0-3 (table 27-3). */
      readonly interrupt: number;
    };

export interface Events {
  /** Never throws, and returns immediately: failures to store are logged. */
  readonly record: (event: BmcEvent) => void;
}
