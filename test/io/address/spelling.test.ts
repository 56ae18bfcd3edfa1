import assert from "node:assert/strict";
import { test } from "node:test";

import { resolveAddress } from "../../../src/io/address/resolve.js";
import { readAddress } from "../../../src/io/address/spelling.js";

/** What socket.getaddrinfo of Python 3.11 (glibc 2.36) takes, and where its socket then listens. */
const taken: readonly (readonly [string, string])[] = [
  ["127.0.0.1", "127.0.0.1"],
  ["127.1", "127.0.0.1"],
  ["0", "0.0.0.0"],
  ["0x7f.1", "127.0.0.1"],
  ["0x7f000001", "127.0.0.1"],
  ["010.1", "8.0.0.1"],
  ["00000000177.1", "127.0.0.1"],
  ["4294967295", "255.255.255.255"],
  ["２", "0.0.0.2"],
  ["::", "::"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["2001:DB8:0:0::a", "2001:db8::a"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
  ["::FFFF:102:304", "1.2.3.4"],
  ["FE80::1%lo", "fe80::1%lo"],
  // Ours: in files, as in URLs.
  ["[::1]", "::1"],
];

for (const [text, address] of taken) {
  test(`${text} is the address ${address}`, () => {
    assert.deepEqual(readAddress(text), { kind: "ip", address });
  });
}

for (const [text, name] of [
  ["localhost", "localhost"],
  ["BMC01.Lab.Example", "bmc01.lab.example"],
  ["bmc01.lab.example.", "bmc01.lab.example"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["rack_4", "rack_4"],
] as const) {
  test(`${text} is the host name ${name}`, () => {
    assert.deepEqual(readAddress(text), { kind: "name", name });
  });
}

for (const text of [
  "",
  "1.2.3.256",
  "1.2.3.4.5",
  "0x100000000",
  "127.0.0.1.",
  "1..2",
  "::g",
  "a b",
  "-a",
  "*",
  "%lo",
]) {
  test(`${JSON.stringify(text)} is neither an address nor a host name`, () => {
    assert.equal(readAddress(text), undefined);
  });
}

test("an unknown name is reported in one line that names it and what to do", async () => {
  await assert.rejects(resolveAddress("bmc01.invalid", 10_000), {
    message: /^cannot resolve host name bmc01\.invalid: (ENOTFOUND|EAI_AGAIN), .*give an IP address$/,
  });
});

test("of a name an IPv4 address is taken first", async () => {
  assert.equal(await resolveAddress("localhost", 10_000), "127.0.0.1");
});
