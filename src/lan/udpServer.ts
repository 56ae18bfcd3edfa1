/**
 * The UDP port of one BMC. Replies leave from the address that was asked, which ipmitool insists on: Node's dgram does
 * not tell a datagram's destination, so a wildcard BMC has one socket for each address of the host, and a wildcard socket
 * for what comes to an address that is new; such a datagram is also the event that makes it look for new addresses.
 */
import type { Socket } from "node:dgram";
import { bindError } from "./bindError.js";
import { hostAddresses } from "./hostAddresses.js";
import { createOutbox } from "./outbox.js";
import { bindSocket, isIpv6Available } from "./socket.js";

export interface Remote {
  readonly address: string;
  readonly port: number;
}

/** `reply` sends from the address that the datagram came to. */
export type Receive = (datagram: Buffer, remote: Remote, reply: (datagram: Buffer) => void) => void;

export interface UdpServerOptions {
  /** An address of this host, or a wildcard: `::` (IPv4 too) or `0.0.0.0`. */
  readonly address: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly receive: Receive;
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string, fields?: Record<string, unknown>) => void;
}

export interface UdpServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Not more often than this does a datagram to an unknown address make the server look for new ones, ms. */
const rescanIntervalMs = 1_000;

/** Rejects with one line that names address, port and reason. */
export async function openUdpServer(options: UdpServerOptions): Promise<UdpServer> {
  const { receive, log } = options;
  const address = await usableAddress(options);
  const isWildcard = address === "::" || address === "0.0.0.0";
  const sockets = new Map<string, Socket>();
  const outbox = createOutbox();

  const attach = (socket: Socket, onDatagram?: () => void): void => {
    socket.on("message", (datagram, { address: from, port }) => {
      onDatagram?.();
      const remote = { address: from.startsWith("::ffff:") ? from.slice(7) : from, port };
      receive(datagram, remote, (reply) => {
        // A client that is gone (ECONNREFUSED, EHOSTUNREACH) is no fault of ours, and asks again if it comes back.
        outbox.post(() => socket.send(reply, port, from, () => undefined));
      });
    });
    socket.on("error", (error) => log("warn", "socket error", { reason: error.message }));
  };

  // Exclusively first: an address shared by SO_REUSEADDR would hide that another process has the port.
  const first = await bindSocket(address, options.port, false).catch((error: unknown) => {
    throw bindError(error, address, options.port);
  });
  const { port } = first.address();
  if (!isWildcard) {
    attach(first);
    sockets.set(address, first);
  } else {
    await closeSocket(first);
    const wildcard = await bindSocket(address, port, true).catch((error: unknown) => {
      throw bindError(error, address, port);
    });
    let scannedAt = 0;
    const scan = async (): Promise<void> => {
      scannedAt = Date.now();
      for (const local of hostAddresses(address === "0.0.0.0")) {
        if (!sockets.has(local)) {
          await bindSocket(local, port, true).then(
            (socket) => {
              attach(socket);
              sockets.set(local, socket);
            },
            // An address that is tentative or gone again: the wildcard socket serves it meanwhile.
            (error: unknown) => log("debug", "address not bound", { reason: bindError(error, local, port).message }),
          );
        }
      }
    };
    attach(wildcard, () => {
      if (Date.now() - scannedAt > rescanIntervalMs) {
        void scan();
      }
    });
    sockets.set(address, wildcard);
    await scan();
  }

  return {
    port,
    close: async () => {
      outbox.close();
      await Promise.all([...sockets.values()].map(closeSocket));
      sockets.clear();
    },
  };
}

async function usableAddress({ address, log }: UdpServerOptions): Promise<string> {
  if (address === "::" && !(await isIpv6Available())) {
    log("info", "IPv6 is off on this host: listening on 0.0.0.0 instead of ::");
    return "0.0.0.0";
  }
  return address;
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
