/** One user slot (IPMI 2.0 §6.9, §22.26-31) and its stored form. */
import { boolean, bytes, fields, integer, oneOf, text } from "../../../base/document/codec.js";

export interface User {
  /** Slot, 1-16; slot 1 is the null user. */
  readonly id: number;
  /** Up to 16 bytes, UTF-8; empty: the slot is free. */
  readonly name: string;
  /** Up to 20 bytes, not padded. */
  readonly password: Buffer;
  /** Whether the password was set as 16 or 20 bytes: IPMI 1.5 supports only the former. */
  readonly passwordSize: 16 | 20;
  readonly enabled: boolean;
  /** Highest privilege on the LAN channel, 1-4; 15 is no access. */
  readonly privilegeLimit: number;
  /** Whether the account can be used for sessions. */
  readonly ipmiMessaging: boolean;
  /** Stored but unused: a LAN channel has no link authentication. */
  readonly linkAuthentication: boolean;
  readonly callbackOnly: boolean;
  /** Payload access enables (§24.6): standard payloads 0-15 in the low, OEM payloads 0-15 in the high 16 bits. */
  readonly payloadAccess: number;
}

/** Payload access enables: bit of Serial over LAN (§24.6, table 24-8). */
export const solPayloadAccess = 0x02;

export const nullUserId = 1;
/** The configured account's slot: slot 1 is the null user, which is never enabled here. */
export const configuredUserId = 2;
export const userCount = 16;
export const noAccess = 15;
export const administrator = 4;
export const maxNameLength = 16;

/** An unconfigured slot. */
export function emptyUser(id: number): User {
  return {
    id,
    name: "",
    password: Buffer.alloc(0),
    passwordSize: 16,
    enabled: false,
    privilegeLimit: noAccess,
    // So that a name, a password, a privilege and "enable" are enough, as `ipmitool user` sends them.
    ipmiMessaging: id !== nullUserId,
    linkAuthentication: false,
    callbackOnly: false,
    payloadAccess: solPayloadAccess,
  };
}

/** Whether a session can be opened as this user; callback does not exist on a LAN. */
export function canLogIn(user: User): boolean {
  const isOpen = user.enabled && user.ipmiMessaging && !user.callbackOnly;
  return isOpen && user.name !== "" && user.privilegeLimit !== noAccess;
}

export const userCodec = fields<User>({
  id: integer(configuredUserId, userCount),
  name: text(maxNameLength),
  password: bytes(20),
  passwordSize: oneOf(16, 20),
  enabled: boolean,
  privilegeLimit: integer(1, noAccess),
  ipmiMessaging: boolean,
  linkAuthentication: boolean,
  callbackOnly: boolean,
  payloadAccess: integer(0, 0xffff_ffff),
});
