/**
 * HMAC (RFC 2104) whose key is hashed once, on the compression functions of @noble/hashes: a packet of a session costs only
 * its own blocks. node:crypto makes native objects for each HMAC, which cost more than the hash; @noble's own HMAC
 * copies and checks as much as it hashes (0.6 against 1.7 µs for a small packet).
 */
import { MD5, SHA1 } from "@noble/hashes/legacy";
import { SHA256 } from "@noble/hashes/sha2";

/** The digest of a message; it is valid until the next call, with whichever key. */
export type KeyedHash = (message: Uint8Array) => Buffer;

/** What @noble's hashes offer to their subclasses. */
interface Compression {
  /** Takes one block into the state. */
  readonly process: (view: DataView, offset: number) => void;
  readonly get: () => number[];
  readonly set: (...state: number[]) => void;
  /** Forgets what the last block left behind. */
  readonly roundClean: () => void;
  readonly outputLen: number;
  readonly isLE: boolean;
}

const blockLength = 64;
/** Of the message, in bits, at the end of the last block. */
const lengthLength = 8;
const end = 0x80;

/** The result has the first `length` bytes of each digest (§5). @throws RangeError for a key of more than 64 bytes */
type CreateHmac = (key: Uint8Array, length?: number) => KeyedHash;

function hmacOf(hash: Compression): CreateHmac {
  const initial = hash.get();
  const { outputLen, isLE } = hash;
  const block = new Uint8Array(blockLength);
  const view = new DataView(block.buffer);
  const digest = Buffer.alloc(outputLen);

  function writeState(): void {
    const state = hash.get();
    for (let index = 0; index < state.length; index++) {
      view.setInt32(4 * index, state[index] ?? 0, isLE);
    }
  }

  /** Hashes the last block: `used` bytes of it are there, of a message of `length` bytes after the key's block. */
  function finish(used: number, length: number): void {
    block[used] = end;
    block.fill(0, used + 1);
    if (used >= blockLength - lengthLength) {
      hash.process(view, 0);
      block.fill(0);
    }
    const bits = 8 * (blockLength + length);
    view.setUint32(blockLength - (isLE ? 8 : 4), bits, isLE);
    hash.process(view, 0);
    writeState();
  }

  /** The state after the key's block. */
  function keyed(key: Uint8Array, pad: number): number[] {
    for (let index = 0; index < blockLength; index++) {
      block[index] = (key[index] ?? 0) ^ pad;
    }
    hash.set(...initial);
    hash.process(view, 0);
    block.fill(0);
    return hash.get();
  }

  return (key, codeLength = outputLen) => {
    if (key.length > blockLength) {
      throw new RangeError(`the key of an HMAC has at most ${blockLength} bytes here`);
    }
    const inner = keyed(key, 0x36);
    const outer = keyed(key, 0x5c);
    hash.roundClean();
    const code = digest.subarray(0, codeLength);
    return (message) => {
      const { length } = message;
      let at = 0;
      hash.set(...inner);
      if (length >= blockLength) {
        const whole = new DataView(message.buffer, message.byteOffset, length);
        for (; at + blockLength <= length; at += blockLength) {
          hash.process(whole, at);
        }
      }
      for (let index = at; index < length; index++) {
        block[index - at] = message[index] ?? 0;
      }
      finish(length - at, length);
      hash.set(...outer);
      finish(outputLen, outputLen);
      for (let index = 0; index < outputLen; index++) {
        digest[index] = block[index] ?? 0;
      }
      return code;
    };
  };
}

/** The keys of a session have 16 to 32 bytes. */
export const hmacs = {
  md5: hmacOf(new MD5() as unknown as Compression),
  sha1: hmacOf(new SHA1() as unknown as Compression),
  sha256: hmacOf(new SHA256() as unknown as Compression),
} as const;
