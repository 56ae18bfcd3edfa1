/** When the sources were last changed: packages that are built from the same sources are the same. */
import { spawnSync } from "node:child_process";

import { repository } from "../test/support/repository.js";

/** SOURCE_DATE_EPOCH if it is set (reproducible-builds.org), else the time of the commit; now where there is none. */
export function sourceTime(): Date {
  const { SOURCE_DATE_EPOCH: given = "" } = process.env;
  const seconds = /^\d+$/.test(given) ? given : commitTime();
  return seconds === "" ? new Date() : new Date(Number(seconds) * 1_000);
}

function commitTime(): string {
  const { status, stdout } = spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: repository, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "";
}
