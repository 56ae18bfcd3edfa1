/** The place of the console process's Unix socket: a folder that only we may enter. */
import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { ensureFolder } from "../../../io/files/ensureFolder.js";

/** Linux allows 107 bytes in the address of a Unix socket, macOS 103. */
const maxPathLength = 100;
const folderName = ".console";
const temporaryPrefix = "vbmc-console-";

/**
 * `CONFIG_DIR/.console/PID.sock`; where that is too long or cannot be, in a new folder of the system's for temporary
 * files. Sockets of daemons that are no more are removed.
 * @throws Error of the file system where there is no place at all
 */
export function socketPlace(configDir: string): string {
  const folder = path.join(configDir, folderName);
  const socketPath = path.join(folder, `${process.pid}.sock`);
  if (Buffer.byteLength(socketPath) <= maxPathLength && isOurs(folder)) {
    removeOld(folder);
    return socketPath;
  }
  return path.join(mkdtempSync(path.join(tmpdir(), temporaryPrefix)), "c.sock");
}

/** The socket, and its folder if that was made for it alone. */
export function removeSocketPlace(socketPath: string): void {
  const folder = path.dirname(socketPath);
  const isTemporary = path.basename(folder).startsWith(temporaryPrefix);
  rmSync(isTemporary ? folder : socketPath, { recursive: isTemporary, force: true });
}

function isOurs(folder: string): boolean {
  try {
    ensureFolder(folder);
    const { uid, mode } = lstatSync(folder);
    return uid === process.getuid?.() && (mode & 0o077) === 0;
  } catch {
    return false;
  }
}

function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(/^(\d+)\.sock$/.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) {
      rmSync(path.join(folder, name), { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
