/** What both sides of a RAKP exchange compute (IPMI 2.0 §13.31-32): codes, session integrity key, K1 and K2. */
import type { AuthenticationAlgorithm } from "./authentication.js";

/** What the two sides have sent each other; all buffers as on the wire. */
export interface RakpExchange {
  readonly remoteConsoleSessionId: number;
  readonly managedSystemSessionId: number;
  readonly remoteConsoleRandom: Buffer;
  readonly managedSystemRandom: Buffer;
  readonly managedSystemGuid: Buffer;
  /** The role byte of RAKP Message 1 exactly as sent. */
  readonly role: number;
  readonly name: Buffer;
}

/** Key exchange authentication code of RAKP Message 2. */
export function rakp2AuthCode(algorithm: AuthenticationAlgorithm, password: Buffer, exchange: RakpExchange): Buffer {
  return algorithm.hmac(
    password,
    uint32(exchange.remoteConsoleSessionId),
    uint32(exchange.managedSystemSessionId),
    exchange.remoteConsoleRandom,
    exchange.managedSystemRandom,
    exchange.managedSystemGuid,
    userPart(exchange),
  );
}

/** Key exchange authentication code of RAKP Message 3. */
export function rakp3AuthCode(algorithm: AuthenticationAlgorithm, password: Buffer, exchange: RakpExchange): Buffer {
  return algorithm.hmac(
    password,
    exchange.managedSystemRandom,
    uint32(exchange.remoteConsoleSessionId),
    userPart(exchange),
  );
}

/** SIK; `key` is the BMC key Kg, or the password if none is set (one-key login). */
export function sessionIntegrityKey(algorithm: AuthenticationAlgorithm, key: Buffer, exchange: RakpExchange): Buffer {
  return algorithm.hmac(key, exchange.remoteConsoleRandom, exchange.managedSystemRandom, userPart(exchange));
}

/** Integrity check value of RAKP Message 4, truncated. */
export function rakp4IntegrityCheckValue(
  algorithm: AuthenticationAlgorithm,
  sik: Buffer,
  exchange: RakpExchange,
): Buffer {
  const { remoteConsoleRandom, managedSystemSessionId, managedSystemGuid } = exchange;
  return algorithm
    .hmac(sik, remoteConsoleRandom, uint32(managedSystemSessionId), managedSystemGuid)
    .subarray(0, algorithm.integrityCheckLength);
}

/** K1 (`constant` 1, integrity) and K2 (2, confidentiality); the constants are 20 bytes for every algorithm. */
export function additionalKey(algorithm: AuthenticationAlgorithm, sik: Buffer, constant: 1 | 2): Buffer {
  return algorithm.hmac(sik, Buffer.alloc(20, constant));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function userPart({ role, name }: RakpExchange): Buffer {
  return Buffer.concat([Buffer.from([role, name.length]), name]);
}
