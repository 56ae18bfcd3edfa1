/** What only root can set up for a test: mounts, and acting as another user. */
import { execFileSync, spawnSync } from "node:child_process";
import { after } from "node:test";

export const isRoot = process.getuid?.() === 0;

/** For `skip`, where a test needs root. */
export const needsRoot = isRoot ? false : "needs root, to mount and to become another user";

export const otherUser = 65_534;

/** Does the work as a user who owns nothing here. */
export async function asOtherUser<T>(work: () => T | Promise<T>): Promise<T> {
  process.seteuid?.(otherUser);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** Mounts, and unmounts after the tests; false where this machine does not allow mounts. */
export function mount(...args: string[]): boolean {
  const { status } = spawnSync("mount", args);
  const target = args.at(-1) ?? "";
  if (status === 0) {
    after(() => void spawnSync("umount", ["-l", target]));
  }
  return status === 0;
}

export function unmount(target: string): void {
  execFileSync("umount", [target]);
}
