/** Compiled code in the user's cache folder: one file per command, since each compiles different functions. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** How long code of other versions is kept, ms: people who alternate between versions do so within days. */
const keptMs = 30 * 24 * 3_600_000;

const extension = ".code";

/** V8 accepts only code from the same version with the same flags. undefined if nothing can be cached. */
export function codeFile(program: string, id: string): string | undefined {
  if (process.env["NODE_DISABLE_COMPILE_CACHE"] === "1") {
    return undefined;
  }
  const flags = process.execArgv.filter((flag) => !flag.startsWith("--title="));
  const moreFlags = process.env["NODE_OPTIONS"] ?? "";
  const parts = [program, commandOf(process.argv[2]), id, process.version, process.arch, ...flags, moreFlags];
  const name = parts
    .join(" ")
    .trim()
    .replace(/[^\w.=-]+/g, "_");
  try {
    return name.length > 200 ? undefined : path.join(cacheFolder(), `${name}${extension}`);
  } catch {
    // The user has no home.
    return undefined;
  }
}

function commandOf(argument = ""): string {
  return /^(--)?[a-z]{2,12}$/.test(argument) ? argument : "";
}

function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"] ?? "";
  return path.join(path.isAbsolute(base) ? base : path.join(homedir(), ".cache"), "vbmc4vsphere");
}

/** undefined if it is missing, or if anyone else could have written it: it will be executed. */
export function readCode(file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    // V8 takes empty code, and compiles everything.
    const isUsable = stats.isFile() && stats.size > 0 && isOurs(stats) && isOurs(statSync(path.dirname(file)));
    return isUsable ? readFileSync(descriptor) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) {
      closeSync(descriptor);
    }
  }
}

/**
 * Writes it completely, or not at all: V8 does not notice damaged code. `make` is not called if another process has
 * written the file since this one started.
 */
export function writeCode(file: string, make: () => Buffer): void {
  const temporary = `${file}.${process.pid}`;
  try {
    if (isNewerThanProcess(file) || !makeFolder(path.dirname(file))) {
      return;
    }
    writeSynced(temporary, make());
    renameSync(temporary, file);
    removeOld(path.dirname(file));
  } catch {
    // The home is read-only or the disk is full.
    removeIfPossible(temporary);
  }
}

/** Whether only this user can change it. */
function isOurs({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & 0o022) === 0;
}

/** Not in another user's home, where sudo leaves HOME unchanged: the folder would belong to root. */
function makeFolder(folder: string): boolean {
  let existing = folder;
  while (statSync(existing, { throwIfNoEntry: false }) === undefined) {
    existing = path.dirname(existing);
  }
  if (statSync(existing).uid !== process.geteuid?.()) {
    return false;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return isOurs(statSync(folder));
}

function removeIfPossible(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Leave it to the next clean-up.
  }
}

function isNewerThanProcess(file: string): boolean {
  const startedAt = Date.now() - process.uptime() * 1_000;
  return (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > startedAt;
}

function writeSynced(file: string, content: Buffer): void {
  const descriptor = openSync(file, "wx", 0o600);
  try {
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (Date.now() - statSync(file).mtimeMs > keptMs) {
      rmSync(file, { force: true });
    }
  }
}
