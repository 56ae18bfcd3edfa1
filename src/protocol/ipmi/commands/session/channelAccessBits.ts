/** Common to Set and Get Channel Access (IPMI 2.0 tables 22-28 and 22-29). */
import { privilege } from "../../privilege.js";
import { invalidField } from "../../requestData.js";

export const accessBits = {
  alertingDisabled: 0x20,
  perMessageAuthenticationDisabled: 0x10,
  userLevelAuthenticationDisabled: 0x08,
} as const;

export const accessModeMask = 0x07;

/** Of the serial channel, in force and kept: no IPMI messages come by the VM's serial port, which is for Serial over LAN. */
export const serialAccess = { accessMode: 0, privilegeLimit: privilege.administrator, alerting: false } as const;

/** `volatile` settings are those in force. */
export type Settings = "nonVolatile" | "volatile";

/** Bits [7:6]: 1 non-volatile, 2 volatile; undefined for 0, neither. */
export function selectSettings(byte: number): Settings | undefined {
  switch (byte >> 6) {
    case 0:
      return undefined;
    case 1:
      return "nonVolatile";
    case 2:
      return "volatile";
    default:
      throw invalidField("settings that are both volatile and non-volatile");
  }
}
