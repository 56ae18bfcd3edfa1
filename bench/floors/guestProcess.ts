/** A guest behind serial ports: a TCP server that echoes what is typed, and prints so many bytes after `flood N` and CR. */
import { createServer, type Socket } from "node:net";
import { Readable } from "node:stream";

const server = createServer((socket) => {
  let line = "";
  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  socket.on("data", (typed: Buffer) => {
    socket.write(typed);
    line += typed.toString("latin1");
    const [, bytes] = /flood (\d+)\r/.exec(line) ?? [];
    line = line.slice(-32);
    if (bytes !== undefined) {
      line = "";
      flood(socket, Number(bytes));
    }
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});
process.on("disconnect", () => process.exit(0));

const block = Buffer.from("All work and no play makes Jack a dull boy.\r\n".repeat(728));

function flood(socket: Socket, bytes: number): void {
  Readable.from(output(bytes)).pipe(socket, { end: false });
}

function* output(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= block.length) {
    yield block.subarray(0, left);
  }
  yield Buffer.from("\x04");
}
