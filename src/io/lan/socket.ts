/** Bound dgram sockets. */
import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { lookup } from "node:dns";
import { isIP, isIPv6 } from "node:net";

/** dgram looks up each destination, which takes an event loop turn: answer at once for an IP address. */
const lookUpAtOnce: NonNullable<SocketOptions["lookup"]> = (host, options, callback) => {
  const family = isIP(host);
  if (family === 0) {
    lookup(host, options, callback);
    return;
  }
  callback(null, host, family);
};

/** Resolves once bound; rejects with Node's error. */
export function bindSocket(address: string, port: number, reuseAddr: boolean): Promise<Socket> {
  const family = isIPv6(address) ? "udp6" : "udp4";
  const socket = createSocket({ type: family, reuseAddr, lookup: lookUpAtOnce });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(port, address, () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

/** Whether this host can bind an IPv6 socket at all (ipv6.disable=1, containers without IPv6). */
export async function isIpv6Available(): Promise<boolean> {
  try {
    const socket = await bindSocket("::", 0, false);
    socket.close();
    return true;
  } catch {
    return false;
  }
}

/** Resolves once the port is free again. */
export function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
