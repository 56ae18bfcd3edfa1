/**
 * Packets as a remote console builds them, written from the specification and sharing no code with ours: the
 * independent side of every test of the responder.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";

export const hex = (text: string): Buffer => Buffer.from(text.replace(/\s+/g, ""), "hex");
const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);
export const u32 = (value: number): Buffer =>
  Buffer.from([value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >>> 24) & 0xff]);
const sum = (bytes: Buffer): number => (0x100 - (bytes.reduce((total, byte) => total + byte, 0) & 0xff)) & 0xff;

const rmcp = hex("06 00 ff 07");

/** IPMI LAN request from 81h to 20h (§13.8). */
export function lanRequest(netFn: number, command: number, data: readonly number[] = [], rqSeq = 1): Buffer {
  const head = Buffer.from([0x20, netFn << 2]);
  const rest = Buffer.from([0x81, rqSeq << 2, command, ...data]);
  return Buffer.concat([head, Buffer.from([sum(head)]), rest, Buffer.from([sum(rest)])]);
}

export interface Answer {
  readonly netFn: number;
  readonly command: number;
  readonly rqSeq: number;
  readonly code: number;
  readonly data: Buffer;
}

/** The fields of a response; asserts nothing but its checksums. */
export function readLanResponse(message: Buffer): Answer {
  if (sum(message.subarray(0, 2)) !== message[2] || sum(message.subarray(3, -1)) !== message.at(-1)) {
    throw new Error(`wrong checksum in ${message.toString("hex")}`);
  }
  return {
    netFn: message[1]! >> 2,
    command: message[5]!,
    rqSeq: message[4]! >> 2,
    code: message[6]!,
    data: message.subarray(7, -1),
  };
}

/** A session-less packet with the IPMI 1.5 header (§13.6). */
export function ipmi15Packet(message: Buffer): Buffer {
  return Buffer.concat([rmcp, hex("00 00000000 00000000"), Buffer.from([message.length]), message]);
}

/** The message of a session-less packet with the IPMI 1.5 header. */
export function openIpmi15Packet(datagram: Buffer): Buffer {
  return datagram.subarray(14, 14 + datagram[13]!);
}

/** A packet with the RMCP+ header that is neither encrypted nor authenticated (§13.6). */
export function plainPacket(payloadType: number, payload: Buffer, sessionId = 0, sequence = 0): Buffer {
  const header = Buffer.from([0x06, payloadType]);
  return Buffer.concat([rmcp, header, u32(sessionId), u32(sequence), u16(payload.length), payload]);
}

export function openPlainPacket(datagram: Buffer): { payloadType: number; payload: Buffer } {
  return { payloadType: datagram[5]! & 0x3f, payload: datagram.subarray(16, 16 + datagram.readUInt16LE(14)) };
}

/** Algorithm numbers and lengths of the suites that tests use (tables 13-17 to 13-19, 22-20). */
export const suites = {
  1: { auth: 1, integ: 0, conf: 0, hash: "sha1", icvLength: 12, codeLength: 0 },
  2: { auth: 1, integ: 1, conf: 0, hash: "sha1", icvLength: 12, codeLength: 12 },
  3: { auth: 1, integ: 1, conf: 1, hash: "sha1", icvLength: 12, codeLength: 12 },
  6: { auth: 2, integ: 0, conf: 0, hash: "md5", icvLength: 16, codeLength: 0 },
  7: { auth: 2, integ: 2, conf: 0, hash: "md5", icvLength: 16, codeLength: 16 },
  8: { auth: 2, integ: 2, conf: 1, hash: "md5", icvLength: 16, codeLength: 16 },
  11: { auth: 2, integ: 3, conf: 0, hash: "md5", icvLength: 16, codeLength: 16 },
  12: { auth: 2, integ: 3, conf: 1, hash: "md5", icvLength: 16, codeLength: 16 },
  15: { auth: 3, integ: 0, conf: 0, hash: "sha256", icvLength: 16, codeLength: 0 },
  16: { auth: 3, integ: 4, conf: 0, hash: "sha256", icvLength: 16, codeLength: 16 },
  17: { auth: 3, integ: 4, conf: 1, hash: "sha256", icvLength: 16, codeLength: 16 },
} as const;

export type SuiteId = keyof typeof suites;

export const consoleSessionId = 0xa0a2a3a4;
export const consoleRandom = hex("101112131415161718191a1b1c1d1e1f");

export function openSessionRequest(auth: number, integ: number, conf: number, privilege = 0, tag = 0): Buffer {
  const algorithm = (kind: number, id: number): Buffer => Buffer.from([kind, 0, 0, 8, id, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from([tag, privilege, 0, 0]),
    u32(consoleSessionId),
    algorithm(0, auth),
    algorithm(1, integ),
    algorithm(2, conf),
  ]);
}

export function rakp1(managedSessionId: number, name: string, role = 0x14, tag = 0): Buffer {
  const bytes = Buffer.from(name);
  return Buffer.concat([
    Buffer.from([tag, 0, 0, 0]),
    u32(managedSessionId),
    consoleRandom,
    Buffer.from([role, 0, 0, bytes.length]),
    bytes,
  ]);
}

export function rakp3(managedSessionId: number, code: Buffer, status = 0, tag = 0): Buffer {
  return Buffer.concat([Buffer.from([tag, status, 0, 0]), u32(managedSessionId), code]);
}

export interface Login {
  readonly suite: SuiteId;
  readonly name: string;
  readonly password: string;
  readonly role?: number;
  readonly kg?: Buffer;
}

/** What both sides compute (§13.28, §13.31-32). */
export function rakpSecrets(login: Login, managedSessionId: number, managedRandom: Buffer, guid: Buffer) {
  const { hash, icvLength } = suites[login.suite];
  const hmac = (key: Buffer | string, ...parts: Buffer[]): Buffer =>
    createHmac(hash, key).update(Buffer.concat(parts)).digest();
  const name = Buffer.from(login.name);
  const user = Buffer.concat([Buffer.from([login.role ?? 0x14, name.length]), name]);
  const ids = Buffer.concat([u32(consoleSessionId), u32(managedSessionId)]);
  const sik = hmac(login.kg ?? login.password, consoleRandom, managedRandom, user);
  return {
    code2: hmac(login.password, ids, consoleRandom, managedRandom, guid, user),
    code3: hmac(login.password, managedRandom, u32(consoleSessionId), user),
    icv: hmac(sik, consoleRandom, u32(managedSessionId), guid).subarray(0, icvLength),
    k1: hmac(sik, Buffer.alloc(20, 1)),
    k2: hmac(sik, Buffer.alloc(20, 2)),
  };
}

export interface SessionKeys {
  readonly suite: SuiteId;
  readonly managedSessionId: number;
  readonly password: string;
  readonly k1: Buffer;
  readonly k2: Buffer;
}

function authCode({ suite, password, k1 }: SessionKeys, covered: Buffer): Buffer {
  const { integ, hash, codeLength } = suites[suite];
  if (integ === 3) {
    const padded = Buffer.concat([Buffer.from(password), Buffer.alloc(20)]).subarray(0, 20);
    return createHash("md5").update(padded).update(covered).update(padded).digest();
  }
  return createHmac(hash, k1).update(covered).digest().subarray(0, codeLength);
}

/** A packet inside a session, protected as its suite says (§13.28-29). */
export function sessionPacket(keys: SessionKeys, message: Buffer, sequence: number, payloadType = 0): Buffer {
  const { integ, conf } = suites[keys.suite];
  const payload = conf === 1 ? encrypt(keys.k2, message) : message;
  const type = (conf === 1 ? 0x80 : 0) | (integ === 0 ? 0 : 0x40) | payloadType;
  const head = [Buffer.from([0x06, type]), u32(keys.managedSessionId), u32(sequence), u16(payload.length), payload];
  if (integ === 0) {
    return Buffer.concat([rmcp, ...head]);
  }
  const padLength = (4 - ((12 + payload.length + 2) % 4)) % 4;
  const covered = Buffer.concat([...head, Buffer.alloc(padLength, 0xff), Buffer.from([padLength, 0x07])]);
  return Buffer.concat([rmcp, covered, authCode(keys, covered)]);
}

/** How a managed system may protect what it sends: as the suite does, or with less where the console allows it (§24.1). */
export interface Protection {
  readonly encrypted: boolean;
  readonly authenticated: boolean;
}

/** The message of a packet from the managed system; throws when it is not protected as it should be. */
export function openSessionPacket(
  keys: SessionKeys,
  datagram: Buffer,
  expected: Partial<Protection> = {},
): { payloadType: number; sequence: number; message: Buffer } {
  const suite = suites[keys.suite];
  const integ = (expected.authenticated ?? true) ? suite.integ : 0;
  const conf = (expected.encrypted ?? true) ? suite.conf : 0;
  const codeLength = integ === 0 ? 0 : suite.codeLength;
  const body = datagram.subarray(4);
  const type = body[1]!;
  if ((type & 0xc0) !== ((conf === 0 ? 0 : 0x80) | (integ === 0 ? 0 : 0x40))) {
    throw new Error(`payload type ${type.toString(16)}h is not protected as it should be`);
  }
  const payload = body.subarray(12, 12 + body.readUInt16LE(10));
  if (integ !== 0) {
    const covered = body.subarray(0, body.length - codeLength);
    if (!authCode(keys, covered).equals(body.subarray(covered.length)) || covered.length % 4 !== 0) {
      throw new Error("wrong AuthCode or pad");
    }
  }
  if (body.readUInt32LE(2) !== consoleSessionId) {
    throw new Error("not for this console");
  }
  return {
    payloadType: type & 0x3f,
    sequence: body.readUInt32LE(6),
    message: conf === 1 ? decrypt(keys.k2, payload) : payload,
  };
}

const iv = hex("303132333435363738393a3b3c3d3e3f");

function encrypt(k2: Buffer, message: Buffer): Buffer {
  const padLength = 15 - (message.length % 16);
  const pad = Buffer.from(Array.from({ length: padLength }, (_, index) => index + 1));
  const cipher = createCipheriv("aes-128-cbc", k2.subarray(0, 16), iv).setAutoPadding(false);
  return Buffer.concat([iv, cipher.update(Buffer.concat([message, pad, Buffer.from([padLength])])), cipher.final()]);
}

function decrypt(k2: Buffer, payload: Buffer): Buffer {
  const decipher = createDecipheriv("aes-128-cbc", k2.subarray(0, 16), payload.subarray(0, 16)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(payload.subarray(16)), decipher.final()]);
  return plain.subarray(0, plain.length - 1 - plain.at(-1)!);
}
