/** A TCP proxy in front of a vCenter that counts connections and bytes. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface CountingProxy {
  readonly port: number;
  readonly counts: () => Counts;
  /** Connections open at the same time, at most, since it was asked last. */
  readonly takePeak: () => number;
  readonly close: () => Promise<void>;
}

export interface Counts {
  /** TCP connections, and with them TLS handshakes. */
  readonly connections: number;
  /** Both ways. */
  readonly bytes: number;
}

export async function startCountingProxy(targetPort: number): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let bytes = 0;
  let open = 0;
  let peak = 0;
  const server = createServer((client) => {
    connections++;
    peak = Math.max(peak, ++open);
    client.once("close", () => open--);
    const target = connect(targetPort, "127.0.0.1");
    const pair: [Socket, Socket][] = [
      [client, target],
      [target, client],
    ];
    for (const [from, to] of pair) {
      sockets.add(from);
      from.on("data", (data: Buffer) => (bytes += data.length));
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      from.pipe(to);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    counts: () => ({ connections, bytes }),
    takePeak: () => {
      const taken = peak;
      peak = open;
      return taken;
    },
    close: async () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await once(server, "close");
    },
  };
}
