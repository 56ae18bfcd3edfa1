/** Brings one image into a datastore, unless the same bytes are there already. */
import { randomBytes } from "node:crypto";

import { createSerialQueue } from "../../base/async/serialQueue.js";
import { MachineError } from "../../model/machine/errors.js";
import type { MediaProgress, MediaSlotId } from "../../model/machine/media.js";
import { readProperties } from "../properties.js";
import type { VimSession } from "../session.js";
import { fieldOf, numberOf } from "../soapValue.js";
import { formatDatastorePath, parseDatastorePath } from "./datastorePath.js";
import { type DatacenterPlace, type DatastorePlace, requireSpace } from "./datastores.js";
import { fileSize, makeFolder } from "./fileManager.js";
import { imageName, type ImageReference } from "./imageReference.js";
import type { ImageRemoval } from "./imageRemoval.js";
import { type ImageSourceOptions, type OpenImage, openImage } from "./imageSource.js";
import type { ImageUse } from "./imageUse.js";
import type { Library, StoredImage } from "./library.js";
import { uploadImage } from "./upload.js";

export const mediaFolder = "vbmc-media";

export interface ImageRequest {
  readonly reference: Exclude<ImageReference, { kind: "datastore" }>;
  /** The image as it was given, for its name. */
  readonly image: string;
  /** Hash of what is asked for: the same is fetched once. */
  readonly source: string;
  readonly slot: MediaSlotId;
  readonly datastore: DatastorePlace;
  readonly datacenter: DatacenterPlace;
  readonly options: Omit<ImageSourceOptions, "signal">;
}

export interface ImageStoringOptions {
  readonly session: () => VimSession;
  readonly library: Library;
  readonly use: ImageUse;
  readonly removal: ImageRemoval;
  /** Between tries of an upload, ms. */
  readonly pauseMs?: number;
}

/** Resolves to the datastore path, which is handed over; one upload runs at a time. */
export type StoreImage = (
  request: ImageRequest,
  signal: AbortSignal,
  onProgress: (progress: MediaProgress) => void,
) => Promise<string>;

export function createImageStoring(options: ImageStoringOptions): StoreImage {
  const queue = createSerialQueue();
  let uploads = 0;

  async function inTurn<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T> {
    uploads++;
    try {
      return await queue.run(() => {
        if (signal.aborted) {
          throw new MachineError("busy", "the insertion was called off");
        }
        return step();
      });
    } finally {
      uploads--;
    }
  }

  return async (request, signal, onProgress) => {
    // Whoever has begun it is told as well.
    await Promise.resolve();
    const open = (): Promise<OpenImage> => openImage(request.reference, { ...request.options, signal });
    const first = await open();
    try {
      requireSpace(request.datastore, first.totalBytes ?? 0);
      const known = await findSame(options, request, first);
      if (known !== undefined) {
        first.body.destroy();
        return options.use.handOver(known.path);
      }
    } catch (error) {
      first.body.destroy();
      throw error;
    }
    if (uploads > 0) {
      // Its server would not wait.
      first.body.destroy();
      onProgress({ stage: "queued" });
    }
    return inTurn(async () => {
      const image = first.body.destroyed ? await open() : first;
      return upload(options, { request, image, open, signal, onProgress });
    }, signal);
  };
}

/** The same version of the same image, if it is still there. */
async function findSame(
  options: ImageStoringOptions,
  { source, datastore }: ImageRequest,
  { validator }: OpenImage,
): Promise<StoredImage | undefined> {
  const same = options.library
    .content()
    .images.find(
      (image) =>
        image.source === source &&
        validator !== undefined &&
        image.content?.validator === validator &&
        isOn(datastore, image.path),
    );
  return same && (await isThere(options, same, datastore)) ? same : undefined;
}

async function isThere(
  { session, use }: ImageStoringOptions,
  { path, content }: StoredImage,
  datastore: DatastorePlace,
): Promise<boolean> {
  const size = await fileSize(session(), datastore.browser, parseDatastorePath(path));
  return size !== undefined && size === content?.size && !use.isLeaving(path);
}

interface Upload {
  readonly request: ImageRequest;
  readonly image: OpenImage;
  /** Opens the image again. */
  readonly open: () => Promise<OpenImage>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: MediaProgress) => void;
}

async function upload(options: ImageStoringOptions, work: Upload): Promise<string> {
  const { library, use, removal } = options;
  const { datastore, datacenter, source } = work.request;
  const path = formatDatastorePath({ datastore: datastore.name, file: newFile(work.request) });
  return use.whileWritten(path, async () => {
    try {
      await library.begin({ path, dcPath: datacenter.path, source });
      const { sha256 } = await transfer(options, path, work);
      return use.handOver(await oneOfSame(options, path, sha256, datastore));
    } catch (error) {
      work.image.body.destroy();
      await removal.part(path, datacenter.path, datastore);
      throw error;
    }
  });
}

async function transfer(
  { session, library, pauseMs }: ImageStoringOptions,
  path: string,
  { request, image, open, signal, onProgress }: Upload,
): Promise<{ readonly sha256: string }> {
  const { datastore, datacenter, slot, options, reference } = request;
  const { totalBytes, validator } = image;
  const place = { datastore: datastore.name, dcPath: datacenter.path, file: parseDatastorePath(path).file };
  await makeFolder(session(), { ...place, file: mediaFolder }, datacenter.reference);
  const uploaded = await uploadImage({
    session: session(),
    slot,
    datastore,
    place,
    image,
    maxBytes: options.policy.maxBytes,
    host: reference.kind === "url" ? reference.url.host : "this host",
    signal,
    onBytes: (bytes) => onProgress({ stage: "uploading", bytes, ...(totalBytes !== undefined && { totalBytes }) }),
    reopen: async () => {
      const again = await open();
      requireSpace(await withFreeSpace(session(), datastore), again.totalBytes ?? 0);
      return again;
    },
    ...(pauseMs !== undefined && { pauseMs }),
  });
  await library.complete(path, { ...uploaded, ...(validator !== undefined && { validator }) });
  return uploaded;
}

async function withFreeSpace(session: VimSession, datastore: DatastorePlace): Promise<DatastorePlace> {
  const summary = (await readProperties(session, datastore.reference, ["summary"])).get("summary");
  return { ...datastore, freeBytes: numberOf(fieldOf(summary, "freeSpace")) ?? datastore.freeBytes };
}

/** Another file with the same bytes takes the place of the new one. */
async function oneOfSame(
  options: ImageStoringOptions,
  path: string,
  sha256: string,
  datastore: DatastorePlace,
): Promise<string> {
  const { images } = options.library.content();
  const same = images.find(
    (image) => image.path !== path && image.content?.sha256 === sha256 && isOn(datastore, image.path),
  );
  if (!same || !(await isThere(options, same, datastore))) {
    return path;
  }
  const own = images.find((image) => image.path === path);
  await options.removal.unneeded(path, own?.dcPath ?? "");
  return same.path;
}

function isOn({ name }: DatastorePlace, path: string): boolean {
  return path.startsWith(`[${name}] `);
}

/** A name that people recognise, and that no other file has. */
function newFile({ image, slot }: ImageRequest): string {
  const base = imageName(image)
    .replace(/\.(iso|img|flp|ima)$/i, "")
    .replace(/[^A-Za-z0-9._-]+/g, "_")
    .slice(0, 40);
  return `${mediaFolder}/${base === "" ? "image" : base}-${randomBytes(6).toString("hex")}.${slot === "cd" ? "iso" : "flp"}`;
}
