/** Addresses that the daemon never connects to on behalf of a BMC's user. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isOutside } from "../../../src/io/address/destination.js";

test("addresses of no server, of this link and of this host are refused, in IPv6 form too", () => {
  for (const address of [
    ...["0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "127.0.0.1", "127.9.9.9"],
    ...["::", "::1", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.1.1"],
  ]) {
    assert.ok(!isOutside(address), address);
  }
  assert.ok(isOutside("127.0.0.1", { allowsLoopback: true }));
  assert.ok(!isOutside("169.254.1.1", { allowsLoopback: true }));
  assert.ok(isOutside("10.0.0.1") && isOutside("2001:db8::1"));
  assert.ok(!isOutside("images.example.com"), "a name is not an address");
});
