import { spawnSync } from "node:child_process";

/** An external program that a test needs and a machine may lack. */
export interface Peer {
  /** For node:test: false when the peer is there, else the line that names the Debian package. */
  readonly skip: string | false;
}

/**
 * Looks whether a peer is installed.
 * @param probe true, or no exception, when the peer is there
 * @throws when the peer is missing and CI=true: there a skipped peer test is a failure
 */
export function peer(debianPackage: string, probe: () => unknown): Peer {
  if (isThere(probe)) {
    return { skip: false };
  }
  const reason = `needs the Debian package ${debianPackage} (apt-get install ${debianPackage})`;
  if (process.env["CI"] === "true") {
    throw new Error(reason);
  }
  return { skip: reason };
}

function isThere(probe: () => unknown): boolean {
  try {
    return probe() !== false;
  } catch {
    return false;
  }
}

/** Whether Debian's Python has a module: its packages are not visible to another Python that comes first in PATH. */
export function isPythonModule(name: string): boolean {
  return spawnSync("/usr/bin/python3", ["-W", "ignore", "-c", `import ${name}`]).status === 0;
}
