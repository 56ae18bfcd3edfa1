/** `npm run demo`, as far as it is ours: everything it shows works. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { peer } from "../support/peer.js";
import { isCommand, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";

test(
  "the demo shows a boot on the console, and ends well",
  peer("ipmitool", () => isCommand("ipmitool")),
  async () => {
    const { code, stdout, stderr } = await run(process.execPath, ["--import", "tsx", inRepository("demo/main.ts")]);
    assert.deepEqual([code, stderr], [0, ""], stdout);
    assert.match(stdout, /sol activate\n[^]*VMware BIOS[^]*lab-vesxi02 login: root[^]*Linux lab-vesxi02 6\.1\.0/);
  },
);
