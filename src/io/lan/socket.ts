/** Bound dgram sockets. */
import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { isIP } from "node:net";

/** dgram looks up every address and destination, which takes an event loop turn: here they are IP addresses already. */
const lookUpAtOnce: NonNullable<SocketOptions["lookup"]> = (address, _options, callback) => {
  callback(null, address, 0);
};

/** Resolves once bound; rejects with Node's error, or ENOTFOUND for anything but an IP address. */
export function bindSocket(address: string, port: number, reuseAddr: boolean): Promise<Socket> {
  const family = isIP(address);
  if (family === 0) {
    return Promise.reject(Object.assign(new Error("not an IP address"), { code: "ENOTFOUND" }));
  }
  const socket = createSocket({ type: family === 6 ? "udp6" : "udp4", reuseAddr, lookup: lookUpAtOnce });
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
