/**
 * Serialises checking that a port is free and then sharing it by SO_REUSEADDR: otherwise another process could do the
 * same between the two steps, and both would have the port. The guard is a name in Linux's abstract socket namespace,
 * which, like the port, belongs to one network namespace, and which the kernel releases when its process ends.
 */
import { createServer, type Server } from "node:net";

import { isErrno } from "../../base/errors.js";

/** Timeout for the lock, which is held for a few milliseconds; after it, continue without the lock, ms. */
const timeoutMs = 2_000;
const tryAgainMs = 10;

/** Settles like `work`; meanwhile no other caller, in this process or another, works on the port. */
export async function withPortGuard<T>(port: number, work: () => Promise<T>): Promise<T> {
  const guard = await takeGuard(`\0vbmc4vsphere-udp-${port}`);
  try {
    return await work();
  } finally {
    guard?.close();
  }
}

/** `undefined` if the lock is unsupported or not free within the timeout. */
async function takeGuard(name: string): Promise<Server | undefined> {
  if (process.platform !== "linux") {
    return undefined;
  }
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const guard = await tryGuard(name);
    if (guard !== "taken") {
      return guard;
    }
    await new Promise((resolve) => setTimeout(resolve, tryAgainMs));
  }
  return undefined;
}

function tryGuard(name: string): Promise<Server | "taken" | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error) => resolve(isErrno(error, "EADDRINUSE") ? "taken" : undefined));
    server.listen(name, () => resolve(server));
  });
}
