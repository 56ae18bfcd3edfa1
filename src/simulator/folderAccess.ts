/** `/folder/PATH?dcPath=…&dsName=…`: files of datastores over HTTP, with a session or a ticket. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Service } from "./call.js";
import { parentFolder, type StoredFile } from "./datastore.js";
import type { MountedDatastore } from "./datastoreObjects.js";
import { type FilePlace, placeOf, refusal } from "./folderPlace.js";
import type { Misbehaviour } from "./rules.js";

/** How the files are served; see Behaviour. */
export interface FolderBehaviour {
  /** The session cookie is good for files; else only a ticket is, and the cookie is answered with 404. */
  folderTakesCookie: boolean;
  /** A ticket is good for files. */
  folderTakesTicket: boolean;
  /** A request without dcPath is 404 on a vCenter. */
  folderNeedsDatacenter: boolean;
  /** A request without dsName is 404; else it is about the first datastore. */
  folderNeedsDatastore: boolean;
  /** Maximum simultaneous uploads; another one gets 503. */
  uploadLimit: number;
  /** How fast uploads are taken. */
  uploadBytesPerSecond: number;
}

export interface FolderRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

export interface FolderAccess {
  /** `misbehaviours`: of the rules for `PUT /folder` and the like. */
  readonly handle: (request: FolderRequest, misbehaviours: readonly Misbehaviour[]) => Promise<void>;
  readonly uploads: () => number;
}

export function createFolderAccess(service: Service, behaviour: () => FolderBehaviour): FolderAccess {
  let uploads = 0;

  async function handle(folderRequest: FolderRequest, misbehaviours: readonly Misbehaviour[]): Promise<void> {
    const { request, response, url } = folderRequest;
    if (await misbehave(service, folderRequest, misbehaviours)) {
      return;
    }
    const status = refusal(service, behaviour(), request, url);
    const place = status === undefined ? placeOf(service, behaviour(), url) : undefined;
    if (status !== undefined || !place) {
      end(request, response, status ?? 404);
      return;
    }
    switch (request.method) {
      case "PUT":
        await take(folderRequest, place, misbehaviours);
        break;
      case "GET":
      case "HEAD":
        give(service, folderRequest, place);
        break;
      case "DELETE":
        end(request, response, remove(service, place) ? 204 : 404);
        break;
      default:
        end(request, response, 405);
    }
  }

  async function take(
    { request, response }: FolderRequest,
    { mounted, path }: FilePlace,
    misbehaviours: readonly Misbehaviour[],
  ): Promise<void> {
    const { datastore, reference } = mounted;
    if (!service.isGranted(reference, "Datastore.FileManagement") || datastore.isReadOnly) {
      // What a client sees of it: the connection ends, without a reason.
      request.once("data", () => request.socket.destroy());
      return;
    }
    if (!datastore.hasFolder(parentFolder(path)) || path === "") {
      end(request, response, 404);
      return;
    }
    if (uploads >= behaviour().uploadLimit) {
      end(request, response, 503);
      return;
    }
    const isNew = !datastore.files.has(path);
    uploads++;
    try {
      const isComplete = await store(
        service,
        () => behaviour().uploadBytesPerSecond,
        request,
        mounted,
        path,
        misbehaviours,
      );
      if (!isComplete) {
        request.socket.destroy();
        return;
      }
    } finally {
      uploads--;
      service.inventory.objects.changed(reference.id);
    }
    if (misbehaviours.some(({ kind }) => kind === "lose")) {
      datastore.remove(path);
    }
    response.writeHead(isNew ? 201 : 200).end();
  }

  return { handle, uploads: () => uploads };
}

/** Resolves with whether that was the whole answer. */
async function misbehave(
  service: Service,
  { request, response }: FolderRequest,
  misbehaviours: readonly Misbehaviour[],
): Promise<boolean> {
  for (const { kind, ...how } of misbehaviours) {
    if (kind === "delay" && "ms" in how) {
      await new Promise<void>((resolve) => service.later(how.ms, resolve));
    } else if (kind === "status" && "status" in how) {
      end(request, response, how.status);
      return true;
    } else if (kind === "unavailable") {
      end(request, response, 503);
      return true;
    } else if (kind === "reset") {
      request.socket.destroy();
      return true;
    } else if (kind === "hang") {
      return true;
    }
  }
  return false;
}

/** False: the datastore is full, or a rule cuts the upload off. What a client breaks off stays as a part. */
async function store(
  service: Service,
  bytesPerSecond: () => number,
  request: IncomingMessage,
  { datastore }: MountedDatastore,
  path: string,
  misbehaviours: readonly Misbehaviour[],
): Promise<boolean> {
  const cut = misbehaviours.find((misbehaviour) => misbehaviour.kind === "cut");
  const most = cut?.kind === "cut" ? cut.afterBytes : Infinity;
  const writer = datastore.write(path);
  let size = 0;
  try {
    for await (const chunk of request) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      if (size > most || !writer.add(bytes)) {
        writer.breakOff();
        return false;
      }
      const pauseMs = (bytes.length / bytesPerSecond()) * 1_000;
      if (pauseMs > 0) {
        await new Promise<void>((resolve) => service.later(pauseMs, resolve));
      }
    }
  } catch (error) {
    writer.breakOff();
    throw error;
  }
  writer.end();
  return true;
}

function give(service: Service, { request, response }: FolderRequest, { mounted, path }: FilePlace): void {
  const file = mounted.datastore.files.get(path);
  if (!file || !service.isGranted(mounted.reference, "Datastore.Browse")) {
    end(request, response, file ? 403 : 404);
    return;
  }
  const headers = { "Content-Type": "application/octet-stream", "Content-Length": file.size };
  if (request.method === "HEAD") {
    response.writeHead(200, headers).end();
  } else if (isWhole(file)) {
    response.writeHead(200, headers).end(file.head);
  } else {
    // Only its beginning is kept.
    end(request, response, 501);
  }
}

function remove(service: Service, { mounted, path }: FilePlace): boolean {
  const isAllowed = service.isGranted(mounted.reference, "Datastore.FileManagement") && !mounted.datastore.isReadOnly;
  const isRemoved = isAllowed && mounted.datastore.files.has(path) && mounted.datastore.remove(path);
  service.inventory.objects.changed(mounted.reference.id);
  return isRemoved;
}

function isWhole({ size, head }: StoredFile): boolean {
  return head.length === size;
}

/** Answers without waiting for the body: a client that sends gigabytes should know immediately. */
function end(request: IncomingMessage, response: ServerResponse, status: number): void {
  response.writeHead(status, request.method === "PUT" ? { Connection: "close" } : {}).end();
}
