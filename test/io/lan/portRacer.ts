/**
 * `portRacer ADDRESS`: for each line with a port on its input it opens a server there and tells `open` or why not; for an
 * empty line it closes it and tells `closed`. Ends when its input ends.
 */
import { createInterface } from "node:readline";

import { openUdpServer, type UdpServer } from "../../../src/io/lan/udpServer.js";

const [address = ""] = process.argv.slice(2);
let server: UdpServer | undefined;

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "") {
    await server?.close();
    server = undefined;
    console.log("closed");
    continue;
  }
  try {
    server = await openUdpServer({ address, port: Number(line), receive: () => undefined, log: () => undefined });
    console.log("open");
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
  }
}
