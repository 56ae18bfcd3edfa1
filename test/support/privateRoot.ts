/**
 * A copy of this machine that a test may change as root: an overlay over its files, in memory, with processes, mounts and a
 * network of its own, and systemd if wanted. All of it is gone when it is closed, or the test's process ends.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { isRoot } from "./asRoot.js";
import { until } from "./patience.js";
import { type Outcome, run } from "./programs.js";

export interface PrivateRoot {
  /** Runs a program to its end. */
  readonly run: (...command: readonly string[]) => Promise<Outcome>;
  /** Starts a program that goes on. */
  readonly start: (...command: readonly string[]) => ChildProcessWithoutNullStreams;
  /** Ends all of its processes, and with them its mounts. */
  readonly close: () => Promise<void>;
}

const namespaces = ["--mount", "--net", "--pid", "--ipc", "--uts", "--cgroup"];

/** A fresh administrator's. */
const env = {
  PATH: `${path.dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`,
  HOME: "/administrator",
  LC_ALL: "C.UTF-8",
  DEBIAN_FRONTEND: "noninteractive",
};

/** For `skip`, where there can be none. */
export const needsPrivateRoot = isRoot && canMount("tmpfs") ? false : "needs root, and the right to mount";

/** Likewise, with systemd. */
export const needsSystemd = needsPrivateRoot || (hasControlGroups() ? false : "needs control groups of version 2");

function canMount(type: string): boolean {
  return spawnSync("unshare", [...namespaces, "--fork", "mount", "-t", type, "none", "/mnt"]).status === 0;
}

function hasControlGroups(): boolean {
  return / cgroup2 rw/.test(readFileSync("/proc/mounts", "utf8")) && canMount("cgroup2");
}

/**
 * Runs unshare in a control group of its own, which systemd takes for the root of all, until its standard input ends, as it
 * does with the test's process. Prints its pid.
 */
const hold = `
exec 3<&0
groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
own=$groups$(sed -n 's/^0:://p' /proc/self/cgroup)
if [ -n "$groups" ]; then
  mkdir "$groups/vbmc-test-$$"
  echo $$ >"$groups/vbmc-test-$$/cgroup.procs"
fi
unshare "$@" &
pid=$!
echo $pid
{ cat <&3 >/dev/null; kill -KILL $pid; } 2>/dev/null &
wait $pid
[ -n "$groups" ] || exit
echo $$ >"$own/cgroup.procs"
# Once the last process has ended.
for attempt in $(seq 100); do
  find "$groups/vbmc-test-$$" -depth -type d -exec rmdir {} + 2>/dev/null && break
  sleep 0.1
done
`;

/** Makes an overlay at $1/root and enters it. */
const setUp = `
cd "$1"
mount -t tmpfs none changes
mkdir changes/upper changes/work
mount -t overlay none -o lowerdir=/,upperdir=changes/upper,workdir=changes/work root
cd root
mount -t proc none proc
ip link set lo up
`;
const enter = `
mkdir -p former
mount --make-rprivate /
pivot_root . former
umount -l /former
rmdir /former
echo ready
`;

const plain = `${setUp}mount --rbind /dev dev${enter}exec sleep infinity`;

/** With the devices that PrivateDevices of systemd.exec(5) looks for, and no unit but those that a test starts. */
const withSystemd = `${setUp}
mount -t sysfs none -o ro sys
mount -t cgroup2 none sys/fs/cgroup
mount -t tmpfs none run
mount -t tmpfs none -o mode=755 dev
for name in null zero full random urandom tty; do
  touch dev/$name
  mount --bind /dev/$name dev/$name
done
mkdir dev/pts dev/shm
mount -t devpts none -o newinstance,ptmxmode=0666 dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs none dev/shm
: >etc/fstab
rm -f etc/systemd/system/*.wants/* usr/sbin/policy-rc.d
printf '[Unit]\nDescription=Nothing\n' >etc/systemd/system/nothing.target
${enter}
exec env container=private /lib/systemd/systemd --system --unit=nothing.target --log-target=null --show-status=0
`;

/**
 * @param folder an existing one, for its mounts
 * @throws Error with what the set-up says
 */
export async function createPrivateRoot(folder: string, init: "plain" | "systemd" = "plain"): Promise<PrivateRoot> {
  for (const name of ["changes", "root"]) {
    mkdirSync(path.join(folder, name));
  }
  const script = init === "plain" ? plain : withSystemd;
  const command = [...namespaces, "--fork", "--kill-child", "sh", "-ec", script, "sh", folder];
  const holder = spawn("sh", ["-c", hold, "sh", ...command]);
  const ended = once(holder, "exit");
  let [said, fault] = ["", ""];
  holder.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  holder.stderr.setEncoding("utf8").on("data", (text: string) => (fault += text));
  await until("the private root is there", () => said.includes("ready") || holder.exitCode !== null);
  if (holder.exitCode !== null) {
    throw new Error(`unshare: ${fault}`);
  }
  // unshare itself stays outside of the process namespace.
  const pid = Number.parseInt(said, 10);
  const inner = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  const words = ["--target", inner, ...namespaces, `--wd=/proc/${inner}/root`];
  const root: PrivateRoot = {
    run: (...each) => run("nsenter", [...words, ...each], { env }),
    start: (...each) => spawn("nsenter", [...words, ...each], { env }),
    close: async () => {
      holder.stdin.end();
      await ended;
    },
  };
  if (init === "systemd") {
    await until("systemd is up", async () => (await root.run("systemctl", "is-active", "nothing.target")).code === 0);
  }
  return root;
}
