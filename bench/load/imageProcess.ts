/** A server of ISO images of any size: `/NAME.iso?bytes=N` gives one buffer again and again, as fast as it is taken. */
import { createServer } from "node:http";
import { Readable } from "node:stream";

import { isoImage } from "../../test/support/isoImage.js";

const chunk = Buffer.alloc(1024 * 1024, 0x5a);

function* image(name: string, size: number): Generator<Buffer, void, undefined> {
  const head = isoImage(name);
  yield head;
  for (let left = size - head.length; left > 0; left -= chunk.length) {
    yield left < chunk.length ? chunk.subarray(0, left) : chunk;
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const size = Number(url.searchParams.get("bytes"));
  response.writeHead(200, { "Content-Length": size, ETag: `"${size}"` });
  Readable.from(image("BENCH", size), { objectMode: false, highWaterMark: chunk.length }).pipe(response);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});
process.on("disconnect", () => process.exit(0));
