/** TCP as serial ports need it. */
import { once } from "node:events";
import type { Server } from "node:net";

import { errorCode, reasonOf } from "../../base/errors.js";
import type { ConsoleAddress } from "../ipc/console.js";

/** A host that dies says no good-bye; keys are sent at once. */
export const serialSocketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 } as const;

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program has this port: choose another one",
  EACCES: "permission denied: ports below 1024 need root or CAP_NET_BIND_SERVICE",
  EADDRNOTAVAIL: "this host has no such address",
};

/** Rejects with one line that says what to do. */
export async function listenOn(server: Server, { address, port }: ConsoleAddress): Promise<void> {
  server.listen({ host: address, port, backlog: 1_024 });
  try {
    await once(server, "listening");
  } catch (error) {
    const reason = reasons[errorCode(error) ?? ""] ?? reasonOf(error);
    throw new Error(`cannot listen on ${showAddress({ address, port })}: ${reason}`);
  }
}

export function showAddress({ address, port }: ConsoleAddress): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
