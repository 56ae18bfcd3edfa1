/**
 * The UDP port of one BMC. Replies are sent from the address of the request, which ipmitool requires. Node's dgram does
 * not report a datagram's destination, so a wildcard BMC has one socket per address of the host, and a wildcard socket for
 * datagrams to new addresses; such a datagram also triggers the search for new addresses.
 */
import type { Socket } from "node:dgram";

import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../base/log.js";
import { createAddressSockets } from "./addressSockets.js";
import { bindError } from "./bindError.js";
import { createOutbox } from "./outbox.js";
import { withPortGuard } from "./portGuard.js";
import { bindSocket, closeSocket, isIpv6Available } from "./socket.js";

export interface Remote {
  readonly address: string;
  readonly port: number;
}

/** `reply` sends from the address that received the datagram. */
export type Receive = (datagram: Buffer, remote: Remote, reply: (datagram: Buffer) => void) => void;

export interface UdpServerOptions {
  /** An address of this host, or a wildcard: `::` (IPv4 too) or `0.0.0.0`. */
  readonly address: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly receive: Receive;
  readonly log: Log;
}

export interface UdpServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Minimum interval between searches for new addresses, ms. */
const rescanIntervalMs = 1_000;

/** Rejects with one line that includes address, port and reason. */
export async function openUdpServer(options: UdpServerOptions): Promise<UdpServer> {
  const address = await usableAddress(options);
  if (address === "::" || address === "0.0.0.0") {
    const port = options.port === 0 ? await freePort(address) : options.port;
    const wildcard = await withPortGuard(port, async () => {
      // Bind exclusively first: sharing by SO_REUSEADDR would hide that another process has the port.
      await closeSocket(await bindOrExplain(address, port, false));
      return bindOrExplain(address, port, true);
    });
    return openWildcard(options, address, wildcard);
  }
  const socket = await bindOrExplain(address, options.port, false);
  attach(socket, options);
  return { port: socket.address().port, close: () => closeSocket(socket) };
}

async function freePort(address: string): Promise<number> {
  const socket = await bindOrExplain(address, 0, false);
  const { port } = socket.address();
  await closeSocket(socket);
  return port;
}

async function openWildcard(options: UdpServerOptions, address: string, wildcard: Socket): Promise<UdpServer> {
  const { log } = options;
  const { port } = wildcard.address();
  const sockets = createAddressSockets({
    port,
    ipv4Only: address === "0.0.0.0",
    attach: (socket) => attach(socket, options),
    log,
  });
  let followedAt = Date.now();
  attach(wildcard, options, () => {
    if (Math.abs(Date.now() - followedAt) > rescanIntervalMs) {
      followedAt = Date.now();
      void sockets.follow();
    }
  });
  await sockets.follow();
  return {
    port,
    close: async () => {
      await Promise.all([closeSocket(wildcard), sockets.close()]);
    },
  };
}

function attach(socket: Socket, { receive, log }: UdpServerOptions, onDatagram?: () => void): void {
  const post = createOutbox((reply, port, address) => {
    try {
      // No callback: an unreachable client (ECONNREFUSED, EHOSTUNREACH) is not our error, and retries if it comes back.
      socket.send(reply, port, address);
    } catch (error) {
      // The socket was closed while the command ran, or the datagram came from port 0.
      log("debug", "reply not sent", { reason: reasonOf(error) });
    }
  });
  socket.on("message", (datagram, { address: from, port }) => {
    onDatagram?.();
    const remote = { address: from.startsWith("::ffff:") ? from.slice(7) : from, port };
    receive(datagram, remote, (reply) => post(reply, port, from));
  });
  socket.on("error", (error) => log("warn", "socket error", { reason: error.message }));
}

async function bindOrExplain(address: string, port: number, reuseAddr: boolean): Promise<Socket> {
  try {
    return await bindSocket(address, port, reuseAddr);
  } catch (error) {
    throw bindError(error, address, port);
  }
}

async function usableAddress({ address, log }: UdpServerOptions): Promise<string> {
  if (address === "::" && !(await isIpv6Available())) {
    log("info", "IPv6 is off on this host: listening on 0.0.0.0 instead of ::");
    return "0.0.0.0";
  }
  return address;
}
