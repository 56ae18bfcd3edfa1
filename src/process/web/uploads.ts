/**
 * Images that are sent through the page: `PUT /media/NAME/SLOT/FILE`, with the session's token. The vCenter link reads the
 * body over a Unix socket as fast as it stores it: nothing of it is kept here.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import type { HttpRequest, HttpResponse } from "../../io/http/exchange.js";
import type { FleetService } from "../../protocol/redfish/fleet/service.js";
import type { WebChannel } from "./channel.js";
import { failure } from "./failure.js";

export interface Uploads {
  /** undefined: the path is none of an upload. */
  readonly respond: (request: HttpRequest) => Promise<HttpResponse> | undefined;
}

interface Target {
  readonly vmName: string;
  readonly slot: "cd" | "floppy";
  readonly fileName: string;
}

export function createUploads(channel: WebChannel, service: Pick<FleetService, "accessTo">): Uploads {
  return {
    respond: (request) => {
      const target = targetOf(request.target);
      return target && receive(request, target, channel, service);
    },
  };
}

function targetOf(url: string): Target | undefined {
  const [, name, slot, file] = /^\/media\/([^/?]+)\/(cd|floppy)\/([^/?]+)$/.exec(url) ?? [];
  try {
    return name === undefined || file === undefined
      ? undefined
      : { vmName: decodeURIComponent(name), slot: slot as Target["slot"], fileName: decodeURIComponent(file) };
  } catch {
    return undefined;
  }
}

async function receive(
  request: HttpRequest,
  { vmName, slot, fileName }: Target,
  channel: WebChannel,
  service: Pick<FleetService, "accessTo">,
): Promise<HttpResponse> {
  const access = service.accessTo(vmName, String(request.headers["x-auth-token"] ?? ""));
  const length = request.headers["content-length"];
  if (request.method !== "PUT") {
    return failure(405, "Images are sent with PUT.");
  }
  if (!access) {
    return failure(401, "Log in first.");
  }
  if (access.isReadOnly) {
    return failure(403, "Your account must not insert images.");
  }
  if (length === undefined) {
    return failure(411, "The length of the image is missing.");
  }
  const socket = await openSocket(request, length);
  try {
    const result = await channel.insertUpload({ vmName, slot, fileName, socketPath: socket.path });
    return result.ok ? { status: 204 } : failure(409, result.message);
  } finally {
    await socket.close();
  }
}

interface UploadSocket {
  readonly path: string;
  readonly close: () => Promise<void>;
}

/** Gives the body to the first who asks for it. */
async function openSocket(request: HttpRequest, length: string): Promise<UploadSocket> {
  const folder = await mkdtemp(path.join(tmpdir(), "vbmc-upload-"));
  const socketPath = path.join(folder, "image");
  let isTaken = false;
  const server: Server = createServer((_incoming, outgoing) => {
    if (isTaken) {
      outgoing.writeHead(410).end();
      return;
    }
    isTaken = true;
    outgoing.writeHead(200, { "Content-Length": length });
    request.body.pipe(outgoing);
    request.body.once("close", () => request.body.readableEnded || outgoing.destroy());
  });
  server.requestTimeout = 0;
  server.listen(socketPath);
  await once(server, "listening");
  return {
    path: socketPath,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
