import assert from "node:assert/strict";
import { createDecipheriv, createHmac } from "node:crypto";
import { describe, test } from "node:test";

import { encodeLanRequest } from "../../../src/protocol/rmcp/lanMessage.js";
import { encodeRmcpPlusWrapper, payloadType } from "../../../src/protocol/rmcp/rmcpPlusWrapper.js";
import { authenticationAlgorithms } from "../../../src/protocol/security/authentication.js";
import { cipherSuites } from "../../../src/protocol/security/cipherSuites.js";
import { confidentialityAlgorithms } from "../../../src/protocol/security/confidentiality.js";
import { ipmi15Authentication, padPassword } from "../../../src/protocol/security/ipmi15Authentication.js";
import { hmacs } from "../../../src/protocol/security/keyedHash.js";
import { createSessionProtection } from "../../../src/protocol/security/protection.js";
import {
  additionalKey,
  rakp2AuthCode,
  rakp3AuthCode,
  rakp4IntegrityCheckValue,
  type RakpExchange,
  sessionIntegrityKey,
} from "../../../src/protocol/security/rakpKeys.js";
import { hex } from "../../support/packets.js";

const counting = (from: number, count = 16): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, index) => from + index));

describe("a known session of suite 3, computed by hand with another implementation", () => {
  const password = Buffer.from("password");
  const exchange: RakpExchange = {
    remoteConsoleSessionId: 0xa1b2c3d4,
    managedSystemSessionId: 0x00000102,
    remoteConsoleRandom: counting(0x00),
    managedSystemRandom: counting(0x10),
    managedSystemGuid: counting(0x20),
    role: 0x14,
    name: Buffer.from("admin"),
  };
  const sha1 = authenticationAlgorithms[1]!;
  const sik = sessionIntegrityKey(sha1, password, exchange);

  const values: readonly (readonly [string, Buffer, string])[] = [
    ["RAKP 2 code", rakp2AuthCode(sha1, password, exchange), "33c980e29c13ffdf3174aa27d36100de860535f6"],
    ["RAKP 3 code", rakp3AuthCode(sha1, password, exchange), "00e605777594572a8383c7978b735a83adba5de1"],
    ["SIK", sik, "122c77c4b11ccd93251cbae6c34a9cb6310da154"],
    ["RAKP 4 ICV", rakp4IntegrityCheckValue(sha1, sik, exchange), "00b4f25c7f04c5b4d31786b1"],
    ["K1", additionalKey(sha1, sik, 1), "e4472be78f9a81fa68297aab696a7be8c97fc9f8"],
    ["K2", additionalKey(sha1, sik, 2), "2b6552012a2517cb3b5713901d757a6efc7d8301"],
  ];
  for (const [name, value, expected] of values) {
    test(`${name} (§13.28, §13.31-32)`, () => assert.equal(value.toString("hex"), expected));
  }

  test("Get Device ID, sequence 1, is the packet on the wire", () => {
    const suite = cipherSuites.find(({ id }) => id === 3)!;
    // The initialization vector of the packet is what the random block in front encrypts to.
    const k2 = createDecipheriv("aes-128-ecb", additionalKey(sha1, sik, 2).subarray(0, 16), null).setAutoPadding(false);
    const protection = createSessionProtection(suite, sik, password, () => k2.update(counting(0x30)));
    const message = encodeLanRequest({
      rsAddr: 0x20,
      netFn: 0x06,
      rsLun: 0,
      rqAddr: 0x81,
      rqSeq: 1,
      rqLun: 0,
      command: 0x01,
      data: Buffer.alloc(0),
    });
    assert.equal(message.toString("hex"), "2018c88104017a");
    const packet = encodeRmcpPlusWrapper(
      { payloadType: payloadType.ipmi, encrypted: true, sessionId: 0x102, sequence: 1 },
      protection.cipher.encrypt(message),
      protection,
    );
    assert.equal(
      packet.toString("hex"),
      "0600ff0706c002010000010000002000303132333435363738393a3b3c3d3e3f" +
        "78f086855f79412a0ea6095f85509695ffff0207b20f7c8dfa514ce12cdf3513",
    );
  });
});

describe("published vectors", () => {
  const hmacs: readonly (readonly [string, number, string, string, string])[] = [
    [
      "RFC 2202 HMAC-SHA1 case 2",
      1,
      "4a656665",
      "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    ],
    [
      "RFC 2202 HMAC-MD5 case 2",
      2,
      "4a656665",
      "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      "750c783e6ab0b503eaa86e310a5db738",
    ],
    [
      "RFC 4231 HMAC-SHA256 case 2",
      3,
      "4a656665",
      "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
  ];
  for (const [name, id, key, data, expected] of hmacs) {
    test(name, () => assert.equal(authenticationAlgorithms[id]!.hmac(hex(key), hex(data)).toString("hex"), expected));
  }

  test("AES-CBC-128 of RFC 3602 case 2 decrypts, pad included", () => {
    // RFC 3602 case 2 has no pad of IPMI's kind, so its plain text is refused as padded data.
    const key = hex("c286696d887c9aa0611bbb3e2025a45a");
    const payload = hex(
      "562e17996d093d28ddb3ba695a2e6f58 d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1",
    );
    const cipher = confidentialityAlgorithms[1]!.createCipher(key, counting.bind(undefined, 0));
    assert.equal(cipher.decrypt(payload), undefined);
  });
});

describe("HMACs on the compression functions of @noble/hashes", () => {
  for (const hash of ["md5", "sha1", "sha256"] as const) {
    test(`${hash}: the same as node:crypto's for messages and keys of all lengths, with several keys in turn`, () => {
      const keys = [0, 1, 16, 20, 32, 63, 64].map((length) => counting(3, length));
      const keyed = keys.map((key) => hmacs[hash](key));
      for (let length = 0; length <= 260; length++) {
        // A view that does not start where its memory does.
        const message = counting(length, length + 5).subarray(5);
        keys.forEach((key, index) => {
          const expected = createHmac(hash, key).update(message).digest("hex");
          assert.equal(keyed[index]!(message).toString("hex"), expected, `${key.length}, ${length}`);
        });
      }
    });
  }

  test("a key longer than a block is refused", () => {
    assert.throws(() => hmacs.sha1(Buffer.alloc(65)), RangeError);
  });
});

describe("AES-CBC-128 payloads (§13.29)", () => {
  const cipher = confidentialityAlgorithms[1]!.createCipher(counting(1, 20), (size) => counting(0x30, size));

  test("every length up to three blocks comes back, and fills whole blocks", () => {
    for (let length = 0; length <= 48; length++) {
      const plain = counting(7, length);
      const sealed = cipher.encrypt(plain);
      assert.equal(sealed.length % 16, 0);
      assert.equal(sealed.length, 16 + Math.ceil((length + 1) / 16) * 16);
      assert.deepEqual(cipher.decrypt(sealed), plain);
    }
  });

  test("a payload that is cut or has a broken pad is refused", () => {
    const sealed = cipher.encrypt(counting(0, 5));
    assert.equal(cipher.decrypt(sealed.subarray(0, 16)), undefined);
    assert.equal(cipher.decrypt(sealed.subarray(0, 31)), undefined);
    const broken = Buffer.from(sealed);
    // The IV's last byte turns over the pad length of the only block.
    broken[15]! ^= 0x80;
    assert.equal(cipher.decrypt(broken), undefined);
  });
});

describe("IPMI 1.5 authentication (§22.17.1)", () => {
  test("the MD5 code covers password, session ID, message and sequence number", async () => {
    const { createHash } = await import("node:crypto");
    const password = padPassword(Buffer.from("password"))!;
    assert.equal(password.length, 16);
    const message = hex("2018c88104017a");
    const expected = createHash("md5")
      .update(Buffer.concat([password, hex("04030201"), message, hex("08070605"), password]))
      .digest("hex");
    assert.equal(
      ipmi15Authentication.md5.authCode(password, 0x01020304, 0x05060708, message).toString("hex"),
      expected,
    );
  });

  test("a password of more than 16 bytes has no IPMI 1.5 form", () => {
    assert.equal(padPassword(Buffer.alloc(17)), undefined);
  });
});
