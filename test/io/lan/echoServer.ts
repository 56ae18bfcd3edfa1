/**
 * `echoServer ADDRESS PORT`: answers each datagram with its own bytes. Tells its port, then everything that it logs, one
 * line each; ends when its input ends.
 */
import { openUdpServer } from "../../../src/io/lan/udpServer.js";

const [address = "", port = ""] = process.argv.slice(2);
try {
  const server = await openUdpServer({
    address,
    port: Number(port),
    receive: (datagram, _remote, reply) => reply(datagram),
    log: (level, message, fields) => console.log(level, message, JSON.stringify(fields ?? {})),
  });
  console.log(`port ${server.port}`);
  process.stdin.resume().once("end", () => void server.close().then(() => process.exit(0)));
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
