/** The Unix socket on which consoles are opened: ours alone. */
import { once } from "node:events";
import { rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { createServer } from "node:net";

import { reasonOf } from "../../base/errors.js";
import { maxUsers } from "../../io/console/messages.js";
import type { Admissions } from "./admissions.js";
import type { ServedConsoles } from "./servedConsoles.js";
import { serveClient, type StreamClient } from "./streamClient.js";

export interface ConsoleServer {
  /** Ends the streams to one console. */
  readonly endAll: (vmName: string, message: string) => void;
  readonly close: () => void;
}

/** Rejects with one line. */
export async function openConsoleServer(
  socketPath: string,
  admissions: Admissions,
  consoles: ServedConsoles,
): Promise<ConsoleServer> {
  const clients = new Map<StreamClient, string | undefined>();
  const server = createServer((socket) => {
    let vmName: string | undefined;
    const client = serveClient(
      socket,
      {
        admission: (key) => {
          const admission = admissions.use(key);
          ({ vmName } = admission);
          clients.set(client, vmName);
          return admission;
        },
        lineOf: (name) => lineOf(consoles, name),
      },
      () => clients.delete(client),
    );
    clients.set(client, vmName);
  });
  // Of a process that was killed.
  rmSync(socketPath, { force: true });
  server.listen(socketPath);
  try {
    await once(server, "listening");
    await chmod(socketPath, 0o600);
  } catch (error) {
    throw new Error(`cannot listen on the socket ${socketPath}: ${reasonOf(error)}`);
  }
  return {
    endAll: (vmName, message) => {
      for (const [client, name] of clients) {
        if (name === vmName) {
          client.end({ reason: "withdrawn", message });
        }
      }
    },
    close: () => {
      server.close();
      for (const client of clients.keys()) {
        client.end({ reason: "closing", message: "the console process ends" });
      }
    },
  };
}

function lineOf(consoles: ServedConsoles, vmName: string) {
  const open = consoles.get(vmName);
  if (open === undefined) {
    throw new Error(`${vmName} no longer has a console`);
  }
  if (open.line.size >= maxUsers) {
    throw new Error(`${open.line.size} clients have the console of ${vmName} open already: close one`);
  }
  return open.line;
}
