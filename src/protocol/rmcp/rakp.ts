/** RAKP Messages 1 to 4 (IPMI 2.0 §13.20-23, tables 13-11 to 13-14). */
import { refuseLonger, requireLength } from "./malformedPacketError.js";
import { rmcpPlusStatus } from "./statusCode.js";

const randomLength = 16;
const guidLength = 16;
const message1FixedLength = 28;
const statusMessageLength = 8;
/** Of SHA256 (table 13-17). */
const maxCodeLength = 32;

export interface RakpMessage1 {
  readonly tag: number;
  readonly managedSystemSessionId: number;
  /** 16 bytes. */
  readonly remoteConsoleRandom: Buffer;
  /** The whole byte as sent, including bit 4 (name-only look-up): it is hashed as it is. */
  readonly role: number;
  /** According to the length byte, so up to 255; more than 16 is refused with 0Ch. */
  readonly nameLength: number;
  readonly name: Buffer;
}

/** Throws MalformedPacketError. */
export function decodeRakpMessage1(message: Buffer): RakpMessage1 {
  requireLength(message, message1FixedLength, "RAKP Message 1");
  refuseLonger(message, message1FixedLength + 0xff, "RAKP Message 1");
  const nameLength = message.readUInt8(27);
  requireLength(message, message1FixedLength + nameLength, "RAKP Message 1");
  return {
    tag: message.readUInt8(0),
    managedSystemSessionId: message.readUInt32LE(4),
    remoteConsoleRandom: message.subarray(8, 8 + randomLength),
    role: message.readUInt8(24),
    nameLength,
    name: message.subarray(message1FixedLength, message1FixedLength + nameLength),
  };
}

export function encodeRakpMessage1(message1: Omit<RakpMessage1, "nameLength">): Buffer {
  const message = Buffer.alloc(message1FixedLength + message1.name.length);
  message.writeUInt8(message1.tag, 0);
  message.writeUInt32LE(message1.managedSystemSessionId, 4);
  message.set(message1.remoteConsoleRandom, 8);
  message.writeUInt8(message1.role, 24);
  message.writeUInt8(message1.name.length, 27);
  message.set(message1.name, message1FixedLength);
  return message;
}

/** The start of RAKP 2 to 4: tag, status and the session ID of the receiver. */
export interface RakpStatus {
  readonly tag: number;
  readonly status: number;
  readonly sessionId: number;
}

export function encodeRakpStatus({ tag, status, sessionId }: RakpStatus): Buffer {
  const message = Buffer.alloc(statusMessageLength);
  message.set([tag, status]);
  message.writeUInt32LE(sessionId, 4);
  return message;
}

/** Throws MalformedPacketError. */
export function decodeRakpStatus(message: Buffer): RakpStatus {
  requireLength(message, statusMessageLength, "RAKP message");
  return { tag: message.readUInt8(0), status: message.readUInt8(1), sessionId: message.readUInt32LE(4) };
}

export interface RakpMessage2 extends RakpStatus {
  readonly managedSystemRandom: Buffer;
  readonly managedSystemGuid: Buffer;
  readonly keyExchangeAuthCode: Buffer;
}

export function encodeRakpMessage2(message2: RakpMessage2): Buffer {
  const { managedSystemRandom, managedSystemGuid, keyExchangeAuthCode } = message2;
  return Buffer.concat([encodeRakpStatus(message2), managedSystemRandom, managedSystemGuid, keyExchangeAuthCode]);
}

/** Only the status unless it is ok. Throws MalformedPacketError. */
export function decodeRakpMessage2(message: Buffer): RakpStatus | RakpMessage2 {
  const status = decodeRakpStatus(message);
  if (status.status !== rmcpPlusStatus.ok) {
    return status;
  }
  const codeStart = statusMessageLength + randomLength + guidLength;
  requireLength(message, codeStart, "RAKP Message 2");
  return {
    ...status,
    managedSystemRandom: message.subarray(8, 24),
    managedSystemGuid: message.subarray(24, codeStart),
    keyExchangeAuthCode: message.subarray(codeStart),
  };
}

export interface RakpMessage3 extends RakpStatus {
  readonly keyExchangeAuthCode: Buffer;
}

/** Throws MalformedPacketError. */
export function decodeRakpMessage3(message: Buffer): RakpMessage3 {
  refuseLonger(message, statusMessageLength + maxCodeLength, "RAKP Message 3");
  return { ...decodeRakpStatus(message), keyExchangeAuthCode: message.subarray(statusMessageLength) };
}

export interface RakpMessage4 extends RakpStatus {
  readonly integrityCheckValue: Buffer;
}

/** Throws MalformedPacketError. */
export function decodeRakpMessage4(message: Buffer): RakpMessage4 {
  return { ...decodeRakpStatus(message), integrityCheckValue: message.subarray(statusMessageLength) };
}

/** RAKP 3 and 4: the status and the code that follows it. */
export function encodeRakpWithCode(status: RakpStatus, code: Buffer): Buffer {
  return Buffer.concat([encodeRakpStatus(status), code]);
}
