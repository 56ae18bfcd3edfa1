/** PUT of a file to a datastore: `/folder/PATH?dcPath=…&dsName=…` (vSphere Web Services SDK, HTTP access to datastores). */
import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { defined } from "../../base/defined.js";
import { MachineError } from "../../model/machine/errors.js";
import type { VimSession } from "../session.js";
import { fieldOf, textOf } from "../soapValue.js";
import { VimTransportError } from "../vimErrors.js";
import { calledOff } from "./calledOff.js";
import type { DatastorePath } from "./datastorePath.js";

export interface FolderPlace extends DatastorePath {
  /** See DatacenterPlace. */
  readonly dcPath: string;
}

export interface PutOptions {
  readonly session: VimSession;
  readonly place: FolderPlace;
  readonly totalBytes: number | undefined;
  readonly signal: AbortSignal;
  /** What the request is allowed by. */
  readonly by: "cookie" | "ticket";
}

/** A server that takes no more bytes and says nothing, ms. */
const silenceTimeoutMs = 60_000;
const answerTimeoutMs = 120_000;
const stallCheckIntervalMs = 5_000;

/**
 * Sends the bytes as fast as they are taken, and gives the status of the answer, which may come before they are all sent.
 * Rejects with what the body rejects with, VimTransportError, or MachineError when it is called off.
 */
export async function putFile(body: Readable, options: PutOptions): Promise<number> {
  const { session, place, totalBytes, signal } = options;
  const { transport } = session;
  const path = `/folder/${place.file.split("/").map(encodeURIComponent).join("/")}?${queryOf(place)}`;
  const cookie = options.by === "cookie" ? transport.cookie() : await ticketFor(session, path);
  const socket = await transport.openSocket();
  const put = request({
    createConnection: () => socket,
    method: "PUT",
    path,
    signal,
    headers: defined({
      Host: transport.authority,
      Cookie: cookie ?? "",
      Connection: "close",
      "Content-Type": "application/octet-stream",
      "Content-Length": totalBytes,
    }),
  });
  const stall = watchForStall(put, () => {
    put.destroy(new VimTransportError("timeout", `${transport.authority} takes no more bytes of the image`));
  });
  const answered = once(put, "response") as Promise<[IncomingMessage]>;
  answered.catch(() => undefined);
  const sending = new AbortController();
  const sent = pipeline(body, put, { signal: sending.signal });
  try {
    const first = await Promise.race([answered, sent.then(() => undefined)]);
    stall.awaitAnswer();
    const [response] = first ?? (await answered);
    response.resume();
    return response.statusCode ?? 0;
  } catch (error) {
    throw signal.aborted ? calledOff() : uploadError(error, transport.authority);
  } finally {
    stall.stop();
    sending.abort();
    sent.catch(() => undefined);
    body.destroy();
    put.destroy();
    socket.destroy();
  }
}

/** A slow image server is no stall: only bytes that wait to be taken are. */
function watchForStall(
  put: ClientRequest,
  onStall: () => void,
): { readonly awaitAnswer: () => void; readonly stop: () => void } {
  let lastMoved = Date.now();
  let isSent = false;
  const timer = setInterval(() => {
    if (!isSent && !put.writableNeedDrain) {
      lastMoved = Date.now();
    }
    if (Date.now() - lastMoved > (isSent ? answerTimeoutMs : silenceTimeoutMs)) {
      onStall();
    }
  }, stallCheckIntervalMs);
  return {
    awaitAnswer: () => {
      isSent = true;
      lastMoved = Date.now();
    },
    stop: () => clearInterval(timer),
  };
}

function queryOf({ dcPath, datastore }: FolderPlace): string {
  return `dcPath=${encodeURIComponent(dcPath)}&dsName=${encodeURIComponent(datastore)}`;
}

/** Good for one PUT to this path. */
async function ticketFor(session: VimSession, path: string): Promise<string> {
  const ticket = await session.call("AcquireGenericServiceTicket", session.content.sessionManager, {
    spec: {
      attributes: { "xsi:type": "vim25:SessionManagerHttpServiceRequestSpec" },
      method: "httpPut",
      url: `https://${session.transport.authority}${path}`,
    },
  });
  const id = textOf(fieldOf(ticket, "id"));
  if (id === undefined) {
    throw new MachineError("denied", "vCenter gave no ticket for the upload of the image");
  }
  return `vmware_cgi_ticket=${id}`;
}

/** Errors of the body are passed on unchanged; those of the connection are mapped to ours. */
function uploadError(error: unknown, authority: string): Error {
  if (error instanceof MachineError || error instanceof VimTransportError) {
    return error;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return new VimTransportError("unreachable", `${authority} has broken off the upload: ${code ?? message}`);
}
