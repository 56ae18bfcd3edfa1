/** The pid file, which only one running daemon can hold. */
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import { isFull } from "../../io/files/errno.js";
import { linkTarget } from "../../io/files/linkTarget.js";
import { checkRegular, readRegularFile } from "../../io/files/regularFile.js";

/** Another daemon has this pid file; the text is the original's. */
export class StillRunningError extends Error {
  override readonly name = "StillRunningError";
}

/** Bytes. */
const maxPidFileBytes = 4096;

/** A tick of /proc/PID/stat and the coarse clock of files, ms. */
const clockSlackMs = 2000;

/**
 * Writes our pid, mode 0600, unless the file names a running daemon. A link stays a link.
 * @returns a function that removes the file if it is still ours
 * @throws StillRunningError; StrangeFileError if it is not a regular file; file system errors unchanged
 */
export function claimPidFile(named: string): () => void {
  const file = linkTarget(named);
  const release = (): void => {
    if (readPid(file) === process.pid) {
      rmSync(file, { force: true });
    }
  };
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, `${process.pid}\n`, { mode: 0o600, flag: "wx" });
      return release;
    } catch (error) {
      // A full disk can hold the name, but not the number.
      if (isFull(error)) {
        rmSync(file, { force: true });
      }
      if (!isErrno(error, "EEXIST") || attempt > 2) {
        throw error;
      }
      const pid = readPid(file);
      if (pid !== undefined && isDaemon(pid, file)) {
        throw new StillRunningError(`server PID #${pid} still running`);
      }
      // A link may lead to a device or a folder, which must not go.
      checkRegular(statSync(file));
      rmSync(file, { force: true });
    }
  }
}

/** undefined if the file is missing or does not contain a number. */
export function readPid(file: string): number | undefined {
  const text = pidText(file).trim();
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}

function pidText(file: string): string {
  try {
    return readRegularFile(file, maxPidFileBytes).toString();
  } catch {
    return "";
  }
}

/** Whether the process is a daemon that could have written the file: pids are reused. */
function isDaemon(pid: number, file: string): boolean {
  if (pid === process.pid || !isAlive(pid)) {
    return false;
  }
  const commandLine = readIfThere(`/proc/${pid}/cmdline`);
  // Without /proc only the existence of the process can be checked.
  if (commandLine === undefined) {
    return statSync("/proc/self", { throwIfNoEntry: false }) === undefined;
  }
  const [program = "", script = ""] = commandLine.split("\0").map((part) => path.basename(part));
  const isOurs = isDaemonName(program) || (/^(node|nodejs|python[\d.]*)$/.test(program) && isDaemonName(script));
  const startedAt = startTime(pid);
  const writtenAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return isOurs && (startedAt === undefined || startedAt <= writtenAt + clockSlackMs);
}

/** vbmcd and vsbmcd, those of the original as well as ours. */
function isDaemonName(name: string): boolean {
  return /^vs?bmcd(\.js)?$/.test(name.trim());
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, "EPERM");
  }
}

/** When a process started, ms since the epoch, from /proc (proc(5): field 22 of stat, in ticks of 10 ms). */
function startTime(pid: number): number | undefined {
  const ticks = readIfThere(`/proc/${pid}/stat`)?.split(") ").at(-1)?.split(" ")[19];
  const bootSeconds = /^btime (\d+)$/m.exec(readIfThere("/proc/stat") ?? "")?.[1];
  return ticks === undefined || bootSeconds === undefined ? undefined : Number(bootSeconds) * 1000 + Number(ticks) * 10;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
