/** Errors of unknown type, optional fields, and bytes as text. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { defined } from "../../src/base/defined.js";
import { errorCode, isErrno, reasonOf, toError, traceOf } from "../../src/base/errors.js";
import { colonHex, hexByte, specHex } from "../../src/base/hex.js";

test("the reason of an error is its message, of anything else its text", () => {
  assert.equal(reasonOf(new TypeError("not a number")), "not a number");
  assert.equal(reasonOf("text"), "text");
  assert.equal(reasonOf(undefined), "undefined");
});

test("the trace of an error names where it was made", () => {
  assert.match(traceOf(new Error("failed")), /^Error: failed\n +at /);
  const withoutStack = Object.assign(new Error("failed"), { stack: undefined });
  assert.equal(traceOf(withoutStack), "failed");
});

test("what is thrown becomes an error, and an error stays itself", () => {
  const error = new Error("failed");
  assert.equal(toError(error), error);
  assert.equal(toError("failed").message, "failed");
});

test("an error's code is found when it has one", () => {
  const taken = Object.assign(new Error("listen"), { code: "EADDRINUSE" });
  assert.equal(errorCode(taken), "EADDRINUSE");
  assert.equal(errorCode(new Error("listen")), undefined);
  assert.equal(errorCode({ code: "EADDRINUSE" }), undefined);
  assert.ok(isErrno(taken, "EACCES", "EADDRINUSE"));
  assert.ok(!isErrno(taken, "EACCES"));
});

test("fields that are undefined are left out, others stay, also falsy ones", () => {
  assert.deepEqual(Object.keys(defined({ a: undefined, b: null, c: 0, d: "", e: false })), ["b", "c", "d", "e"]);
});

test("bytes are written as the specifications do", () => {
  assert.equal(hexByte(0x0f), "0f");
  assert.equal(specHex(0xc0), "C0h");
  assert.equal(colonHex([0x02, 0x00, 0xff]), "02:00:ff");
});
