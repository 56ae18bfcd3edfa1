/**
 * A copy of this machine that a test may change as root: an overlay over its files, in memory, with processes, mounts and a
 * network of its own. All of it is gone when it is closed, or the test's process ends.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { isRoot } from "./asRoot.js";
import { type Outcome, run } from "./programs.js";

export interface PrivateRoot {
  /** Runs a program to its end. */
  readonly run: (...command: readonly string[]) => Promise<Outcome>;
  /** Starts a program that goes on. */
  readonly start: (...command: readonly string[]) => ChildProcessWithoutNullStreams;
  /** Ends all of its processes, and with them its mounts. */
  readonly close: () => Promise<void>;
}

const namespaces = ["--mount", "--net", "--pid"];

/** A fresh administrator's. */
const env = {
  PATH: `${path.dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`,
  HOME: "/administrator",
  LC_ALL: "C.UTF-8",
  DEBIAN_FRONTEND: "noninteractive",
};

/** For `skip`, where there can be none. */
export const needsPrivateRoot = isRoot && canMount() ? false : "needs root, and the right to mount";

function canMount(): boolean {
  return spawnSync("unshare", [...namespaces, "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
}

/** Mounts the overlay at $1/root; then waits until its standard input ends, as it does with the test's process. */
const setUp = `
set -e
cd "$1"
mount -t tmpfs tmpfs changes
mkdir changes/upper changes/work
mount -t overlay overlay -o lowerdir=/,upperdir=changes/upper,workdir=changes/work root
mount --rbind /dev root/dev
mount -t proc proc root/proc
ip link set lo up
echo ready
exec cat
`;

/**
 * @param folder an existing one, for its mounts
 * @throws Error with what the set-up says
 */
export async function createPrivateRoot(folder: string): Promise<PrivateRoot> {
  for (const name of ["changes", "root"]) {
    mkdirSync(path.join(folder, name));
  }
  const holder = spawn("unshare", [...namespaces, "--fork", "--kill-child", "sh", "-c", setUp, "sh", folder]);
  const ended = once(holder, "exit");
  let fault = "";
  holder.stderr.setEncoding("utf8").on("data", (text: string) => (fault += text));
  await Promise.race([once(holder.stdout, "data"), ended]);
  if (holder.exitCode !== null) {
    throw new Error(`unshare: ${fault}`);
  }
  // unshare itself stays outside of the process namespace.
  const inner = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim();
  const root = `/proc/${inner}/root${folder}/root`;
  const enter = ["--target", inner, ...namespaces, `--root=${root}`, `--wd=${root}`];
  return {
    run: (...command) => run("nsenter", [...enter, ...command], { env }),
    start: (...command) => spawn("nsenter", [...enter, ...command], { env }),
    close: async () => {
      holder.stdin.end();
      await ended;
    },
  };
}
