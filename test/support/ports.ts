/** Free ports for the servers of a test. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** One that is still free when its server is restarted: see firstPort. */
export async function freeLowTcpPort(): Promise<number> {
  const port = firstPort + Math.floor(Math.random() * (32_768 - firstPort));
  const server = createServer().listen(port, "127.0.0.1");
  const isListening = await Promise.race([
    once(server, "listening").then(() => true),
    once(server, "error").then(() => false),
  ]);
  server.close();
  return isListening ? port : freeLowTcpPort();
}

/** Those that the tests of this process have been given: the kernel may draw one twice. */
const givenPorts = new Set<number>();

/** A port that is free on all addresses, IPv4 and IPv6. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket({ type: "udp6" });
  socket.bind(0, "::");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  if (givenPorts.has(port)) {
    return freeUdpPort();
  }
  givenPorts.add(port);
  return port;
}

/** Below the range from which the kernel takes ports for sockets that ask for any: no other program takes one before its BMC does. */
const firstPort = 20_000;

/** So many ports that are free on an address, which no other program should use. */
export async function freeUdpPorts(count: number, address: string): Promise<number[]> {
  const ports: number[] = [];
  for (let port = firstPort; ports.length < count; port++) {
    if (await isFree(port, address)) {
      ports.push(port);
    }
  }
  return ports;
}

/** One below 32768, which FreeIPMI's console needs. */
export async function freeLowUdpPort(): Promise<number> {
  const port = firstPort + Math.floor(Math.random() * (32_768 - firstPort));
  return (await isFree(port, "127.0.0.1")) ? port : freeLowUdpPort();
}

function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind(port, address, () => socket.close(() => resolve(true)));
  });
}
