import assert from "node:assert/strict";
import { test } from "node:test";

import { parseViserver } from "../../src/vsphere/viserver.js";

for (const [text, host, port] of [
  ["vc.example.org", "vc.example.org", 443],
  ["vc.example.org:8443", "vc.example.org", 8443],
  ["192.0.2.7", "192.0.2.7", 443],
  ["192.0.2.7:1", "192.0.2.7", 1],
  ["2001:db8::7", "2001:db8::7", 443],
  ["[2001:db8::7]", "2001:db8::7", 443],
  ["[2001:db8::7]:65535", "2001:db8::7", 65535],
] as const) {
  test(`the viserver ${text} is ${host} port ${port}`, () => {
    assert.deepEqual(parseViserver(text), { host, port });
  });
}

for (const text of ["", "vc:", "vc:0", "vc:65536", "vc:x", "[vc]", "[2001:db8::7", "https://vc", "user@vc", "v c"]) {
  test(`${JSON.stringify(text)} is no viserver, and the text says what is`, () => {
    assert.throws(
      () => parseViserver(text),
      /is not a valid vCenter address: use host, host:port, \[IPv6\] or \[IPv6\]:port$/,
    );
  });
}
