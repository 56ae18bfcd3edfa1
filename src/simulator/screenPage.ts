/** GET /screen?id=MOID: a picture of a VM's screen, for clients with a session that may see it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { crc32, deflateSync } from "node:zlib";

import type { Service } from "./call.js";
import { cookieOf } from "./soapEndpoint.js";

const width = 320;
const height = 200;

export function answerScreenPage(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  { inventory, sessions, isGranted }: Service,
): void {
  if (!sessions.find(cookieOf(request))) {
    response.writeHead(401).end();
    return;
  }
  const id = query.get("id") ?? "";
  const vm = inventory.vms.get(id);
  if (!vm || !isGranted({ type: "VirtualMachine", id }, "VirtualMachine.Interact.ConsoleInteract")) {
    response.writeHead(vm ? 403 : 404).end();
    return;
  }
  if (vm.powerState !== "poweredOn") {
    response.writeHead(500).end();
    return;
  }
  response.writeHead(200, { "Content-Type": "image/png" }).end(picture());
}

/** A gradient (PNG, 8-bit greyscale). */
function picture(): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.from([0, ...Array.from({ length: width }, (__, x) => Math.floor(((x + y) / (width + height)) * 200))]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}
