import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { peer } from "../support/peer.js";

const unit = path.resolve(import.meta.dirname, "../../../deploy/systemd/vbmcd.service");
const systemd = peer("systemd", () => spawnSync("systemd-analyze", ["--version"]).status === 0);

test("systemd finds nothing to complain of in the unit", { skip: systemd.skip }, () => {
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", unit], { encoding: "utf8" });
  assert.deepEqual([status, stdout, stderr], [0, "", ""]);
});

test("the unit exposes little: a score below 2 out of 10", { skip: systemd.skip }, () => {
  const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", "--no-pager", unit], {
    encoding: "utf8",
  });
  const score = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
  assert.ok(score > 0 && score < 2, stdout.split("\n").slice(-2).join());
});
