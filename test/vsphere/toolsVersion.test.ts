/** GuestInfo.toolsVersion as people write it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeToolsVersion } from "../../src/vsphere/hardware.js";

test("a version of VMware Tools is major, minor and patch; without Tools, or with unmanaged ones, there is none", () => {
  const versions = ["12352", "11333", "10282", "0", "2147483647", "", "x", undefined];
  assert.deepEqual(versions.map(decodeToolsVersion), [
    ...["12.2.0", "11.2.5", "10.1.10"],
    ...[undefined, undefined, undefined, undefined, undefined],
  ]);
});
