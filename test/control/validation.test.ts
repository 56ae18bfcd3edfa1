import assert from "node:assert/strict";
import { test } from "node:test";

import type { AddRequest } from "../../src/control/messages.js";
import { validateAdd } from "../../src/control/validation.js";

const good: AddRequest = {
  command: "add",
  vm_name: "vm1",
  vm_uuid: null,
  username: "admin",
  password: "password",
  port: 6230,
  address: "::",
  fakemac: null,
  viserver: "vc",
  viserver_username: "user",
  viserver_password: "pass",
};

/** [what is changed, what the one line says] */
const mistakes: readonly (readonly [Partial<AddRequest>, RegExp])[] = [
  [{ port: 0 }, /^port must be a number from 1 to 65535$/],
  [{ redfish_port: 65536 }, /^redfish-port must be a number from 1 to 65535$/],
  [{ address: "1.2.3.256" }, /^address must be an IPv4 or IPv6 address or a host name$/],
  [{ fakemac: "zz" }, /^fakemac must be a MAC address such as/],
  [{ vm_uuid: "1" }, /^vm-uuid must be a UUID such as/],
  [{ username: "" }, /^username must not be empty$/],
  [{ username: "a".repeat(17) }, /^username must not be longer than 16 bytes$/],
  [{ password: "ü".repeat(11) }, /^password must not be longer than 20 bytes$/],
  [{ viserver_password: null }, /^A password and username are required to use VI Server authentication$/],
  [{ viserver: "https://vc/sdk" }, /^viserver https:\/\/vc\/sdk is not a valid address: use host, host:port/],
  [{ viserver: "a b" }, /^viserver a b is not a valid address/],
  [{ viserver_thumbprint: "abc" }, /^viserver-thumbprint must be a SHA-256 or SHA-1 fingerprint/],
  [{ viserver_thumbprint: "ab".repeat(20), viserver_insecure: true }, /mutually exclusive$/],
  [{ kg: "x".repeat(21) }, /^kg must be up to 20 bytes of text, or 0x and 40 hex digits$/],
  [{ kg: "" }, /^kg must not be empty$/],
  [{ viserver_password: "a\nb" }, /^viserver-password must not contain a line break$/],
];

for (const [change, text] of mistakes) {
  test(`an add with ${JSON.stringify(change)} is refused in words that say what is right`, () => {
    assert.match(validateAdd({ ...good, ...change }) ?? "", text);
  });
}

test("what users write is taken: addresses of all kinds, fingerprints with and without colons, Kg as text and digits", () => {
  const servers = ["vc", "vc.example.com:8443", "192.0.2.1", "[2001:db8::1]", "[2001:db8::1]:8443", "2001:db8::1"];
  const changes: readonly Partial<AddRequest>[] = [
    ...[...servers, null].map((viserver) => ({ viserver })),
    { viserver_thumbprint: "ab".repeat(32) },
    { viserver_thumbprint: `${"AB:".repeat(19)}AB` },
    { kg: "secret" },
    { kg: `0x${"ab".repeat(20)}` },
    { viserver_insecure: true },
    { viserver_password: `l3ading & <trailing> "blanks' ] ; # % = ü ` },
  ];
  for (const change of changes) {
    assert.equal(validateAdd({ ...good, ...change }), undefined, JSON.stringify(change));
  }
});
