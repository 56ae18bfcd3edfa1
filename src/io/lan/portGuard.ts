/**
 * One at a time may look whether a port is free and then share it by SO_REUSEADDR: between the two steps somebody else could
 * do the same, and both would have it. The guard is a name in Linux's abstract socket namespace, which, like the port, is of
 * one network namespace, and which the kernel forgets with the process that holds it.
 */
import { createServer, type Server } from "node:net";

import { isErrno } from "../../base/errors.js";

/** Whoever holds it is done in some milliseconds; then one goes on without it, ms. */
const patienceMs = 2_000;
const tryAgainMs = 10;

/** Resolves or rejects as `work` does, during which no other process (nor this one) is at work on the port. */
export async function withPortGuard<T>(port: number, work: () => Promise<T>): Promise<T> {
  const guard = await takeGuard(`\0vbmc4vsphere-udp-${port}`);
  try {
    return await work();
  } finally {
    guard?.close();
  }
}

/** undefined where there is none to be had. */
async function takeGuard(name: string): Promise<Server | undefined> {
  if (process.platform !== "linux") {
    return undefined;
  }
  const deadline = performance.now() + patienceMs;
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
