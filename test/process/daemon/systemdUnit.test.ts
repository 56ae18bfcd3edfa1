import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { peer } from "../../support/peer.js";
import { inRepository } from "../../support/repository.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const unit = inRepository("deploy/systemd/vbmcd.service");
const systemd = peer("systemd", () => spawnSync("systemd-analyze", ["--version"]).status === 0);
const manual = peer("man-db", () => spawnSync("man", ["--version"]).status === 0);

test(
  "systemd finds nothing to complain of in the unit, and the manual page that it names",
  { skip: systemd.skip || manual.skip },
  () => {
    const pages = path.join(temporaryFolder(), "man8");
    symlinkSync(path.resolve(unit, "../../../man"), pages);
    const verify = (manualPath: string) => {
      const env = { ...process.env, MANPATH: manualPath };
      return spawnSync("systemd-analyze", ["verify", "--man=yes", unit], { encoding: "utf8", env });
    };
    const { status, stdout, stderr } = verify(path.dirname(pages));
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
    assert.match(verify("/nowhere").stderr, /vbmcd/, "without the page it complains");
  },
);

test("the unit exposes little: a score below 2 out of 10", { skip: systemd.skip }, () => {
  const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", "--no-pager", unit], {
    encoding: "utf8",
  });
  const score = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
  assert.ok(score > 0 && score < 2, stdout.split("\n").slice(-2).join());
});
