import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { canonicalUuid } from "../../../src/protocol/telnet/vmIdentity.js";
import { createVmSession, type VmEffect, type VmSession } from "../../../src/protocol/telnet/vmSession.js";

/** Bytes from the capture of an ESXi host (vmware/vspc), and by hand from VMware's description. */
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");
const sub = (hex: string, text = ""): Buffer =>
  Buffer.concat([bytes(`fffae8 ${hex}`), Buffer.from(text), bytes("fff0")]);

const knownOfVm = sub("00 00 01 02 03 28 29 2b 2c 2d 2e 30 46 47 49 50 51 52 53 54 55 56 57");
const vmAnswers = {
  vcUuid: sub("50", "52 8f 3a 11 9b 72 0c 44-aa 00 ff ee 12 34 56 78"),
  biosUuid: sub("54", "56 4d 01 02 03 04 05 06-07 08 09 0a 0b 0c 0d 0e"),
  name: sub("52", "lab-vesxi01"),
};
const doProxy = sub("46", "Cvbmc:lab-vesxi01?token=abc");

function textOf(effects: readonly VmEffect[]): string[] {
  const texts: string[] = [];
  for (const effect of effects) {
    const text = describe(effect);
    const last = texts.at(-1);
    if (effect.type === "data" && last?.startsWith("data ")) {
      texts[texts.length - 1] = `${last}${text.slice(5)}`;
    } else {
      texts.push(text);
    }
  }
  return texts;
}

function describe(effect: VmEffect): string {
  switch (effect.type) {
    case "send":
    case "data":
      return `${effect.type} ${effect.bytes.toString("hex")}`;
    case "begin":
    case "complete":
      return `${effect.type} ${effect.sequence.toString("hex")}`;
    case "peer":
      return `peer ${effect.sequence.toString("hex")} ${effect.secret.toString("hex")}`;
    case "identified":
      return `identified ${JSON.stringify(effect.identity)}`;
    case "fault":
      return `fault ${effect.reason}`;
    case "abort":
    case "asked":
      return effect.type;
  }
}

function session(isExpected = true): VmSession {
  return createVmSession({ isExpected: () => isExpected });
}

const receive = (vm: VmSession, chunk: Buffer): string[] => textOf(vm.receive(chunk));
const known2 = "send fffae801000102032829";

test("a VM is asked and answered in the order of a real ESXi host", () => {
  const vm = session();
  assert.deepEqual(textOf(vm.open()), ["send fffb00fffb03fffb01fffd00fffd03fffde8"]);
  assert.deepEqual(receive(vm, bytes("fffb25")), ["send fffe25"], "WILL 37 (authentication) → DONT");
  const [sent = "", ...more] = receive(vm, bytes("fffd00 fffd03 fffd01 fffb00 fffb03 fffbe8"));
  assert.ok(sent.startsWith(known2), "WILL 232 → KNOWN-SUBOPTIONS-2, and no option is answered twice");
  assert.deepEqual(more, []);
  assert.deepEqual(receive(vm, knownOfVm), [], "KNOWN-SUBOPTIONS must not be said again");
  assert.deepEqual(
    receive(vm, doProxy),
    ["send fffae847fff0fffae851fff0fffae855fff0fffae853fff0", "asked"],
    "WILL-PROXY, GET-…",
  );
  assert.deepEqual(receive(vm, vmAnswers.vcUuid), []);
  assert.deepEqual(receive(vm, vmAnswers.biosUuid), []);
  assert.deepEqual(vm.receive(vmAnswers.name), [
    {
      type: "identified",
      identity: {
        direction: "C",
        serviceUri: "vbmc:lab-vesxi01?token=abc",
        vcUuid: "528f3a11-9b72-0c44-aa00-ffee12345678",
        biosUuid: "564d0102-0304-0506-0708-090a0b0c0d0e",
        name: "lab-vesxi01",
      },
    },
  ]);
  assert.equal(vm.accept().length, 0, "it has its WILL-PROXY");
  assert.deepEqual(receive(vm, bytes("fffb2c 6f6b ffff00")), ["send fffe2c", "data 6f6bff00"], "WILL 44 → DONT");
});

test("a VM that is not expected is only asked who it is, until it is accepted", () => {
  const vm = session(false);
  assert.deepEqual(receive(vm, doProxy), ["send fffae851fff0fffae855fff0fffae853fff0", "asked"]);
  assert.equal(vm.accept().toString("hex"), "fffae847fff0");
  assert.equal(vm.refuse().toString("hex"), "fffae849fff0");
});

test("a VM that does not know a question, or does not answer, is identified by the rest", () => {
  const vm = session();
  vm.receive(doProxy);
  assert.deepEqual(receive(vm, Buffer.concat([sub("02 55"), sub("02 53")])), []);
  assert.match(receive(vm, vmAnswers.vcUuid).join(), /^identified .*"vcUuid":"528f3a11-9b72/);

  const silent = session();
  silent.receive(doProxy);
  assert.match(textOf(silent.settle()).join(), /^identified .*token=abc"}$/);
  assert.deepEqual(silent.settle(), [], "once");
  assert.deepEqual(session().settle(), [], "without DO-PROXY there is nothing to identify");

  const plain = session();
  plain.receive(sub("00 46 47 49 50 51"));
  assert.deepEqual(receive(plain, doProxy), ["send fffae847fff0fffae851fff0", "asked"], "only what it knows is asked");
});

test("vMotion messages are passed on in their place among the data", () => {
  const vm = session();
  const chunk = Buffer.concat([
    bytes("61"),
    sub("28 00 00 ff ff 01"),
    bytes("62"),
    sub("30"),
    sub("2e 00 00 ff ff 01"),
    bytes("63"),
  ]);
  assert.deepEqual(receive(vm, chunk), [
    "data 61",
    "begin 0000ff01",
    "data 62",
    "abort",
    "complete 0000ff01",
    "data 63",
  ]);
  assert.deepEqual(receive(vm, sub("2c 01 02 03 04 aa ff ff bb")), ["peer 01020304 aaffbb"]);
  assert.deepEqual(receive(vm, sub("2c 01 02 03 04")), [], "a PEER without a secret is none");
  assert.deepEqual(receive(vm, sub("63 01")), ["send fffae80363fff0"], "an unknown code is said to be unknown");
});

test("who refuses the extension cannot be served", () => {
  assert.match(receive(session(), bytes("fffce8")).join(), /fault does not speak VMware's telnet extension/);
  assert.match(
    receive(session(), Buffer.concat([bytes("fffae8"), Buffer.alloc(9_000), bytes("fff0")])).join(),
    /fault/,
  );
});

test("options that go on and on are answered without a loop (RFC 1143)", () => {
  const vm = session();
  assert.deepEqual(receive(vm, bytes("fffd01 fffd01 fffb00")), [], "what is on needs no answer");
  assert.deepEqual(receive(vm, bytes("fffe01 fffe01")), ["send fffc01"]);
  assert.deepEqual(receive(vm, bytes("fffd01")), ["send fffb01"]);
  assert.deepEqual(receive(vm, bytes("fffc18 fffe18")), []);
  assert.deepEqual(receive(vm, bytes("fffd18 fffb18")), ["send fffc18", "send fffe18"]);
});

test("wherever a connection is cut, the same happens", () => {
  const whole = Buffer.concat([
    bytes("fffb25 fffbe8"),
    knownOfVm,
    doProxy,
    vmAnswers.vcUuid,
    bytes("00ffff0d"),
    vmAnswers.biosUuid,
    vmAnswers.name,
    bytes("6162"),
    sub("28 00 00 ff ff 01"),
    bytes("ffff63"),
    sub("30"),
  ]);
  const expected = textOf(session().receive(whole));
  assert.ok(expected.length > 8);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(whole.length)), (places) => {
      const ends = [...places, whole.length].sort((a, b) => a - b);
      const vm = session();
      assert.deepEqual(
        textOf(ends.flatMap((end, index) => vm.receive(whole.subarray(ends[index - 1] ?? 0, end)))),
        expected,
      );
    }),
  );
});

test("no bytes make a session fail", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(fc.nat(90), fc.uint8Array({ maxLength: 12 }))
      .map(([code, data]) => Buffer.concat([bytes("fffae8"), Buffer.from([code, ...data]), bytes("fff0")])),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const vm = session();
      pieces.forEach((each) => vm.receive(Buffer.from(each)));
      vm.settle();
    }),
  );
});

test("a UUID is its hex digits in order, however it is grouped", () => {
  assert.equal(
    canonicalUuid("01 23 45 67 89 ab cd ef-fe dc ba 98 00 00 00 00"),
    "01234567-89ab-cdef-fedc-ba9800000000",
  );
  assert.equal(canonicalUuid("01234567-89AB-CDEF-FEDC-BA9800000000"), "01234567-89ab-cdef-fedc-ba9800000000");
  assert.equal(canonicalUuid("01 23"), undefined);
  assert.equal(canonicalUuid(""), undefined);
});
