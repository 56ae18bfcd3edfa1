/** Images in datastores: one upload at a time, one for all who want the same, one file for the same bytes. */
import { randomBytes } from "node:crypto";

import { defined } from "../../base/defined.js";
import type { MediaProgress, MediaSlotId } from "../../model/machine/media.js";
import { readProperties } from "../properties.js";
import type { VimSession } from "../session.js";
import { fieldOf, numberOf } from "../soapValue.js";
import { calledOff } from "./calledOff.js";
import { formatDatastorePath } from "./datastorePath.js";
import { type DatacenterPlace, type DatastorePlace, requireSpace } from "./datastores.js";
import { makeFolder } from "./fileManager.js";
import { imageName, type ImageReference } from "./imageReference.js";
import { createImageSharing, type ImageShare } from "./imageSharing.js";
import { type ImageSourceOptions, type OpenImage, openImage } from "./imageSource.js";
import type { Library } from "./library.js";
import { createStoredFiles, type StoredFiles } from "./storedFiles.js";
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
  readonly onProgress: (progress: MediaProgress) => void;
}

export interface ImageStore {
  readonly fetch: (request: ImageRequest) => ImageShare;
  /** Deletes the file if it is ours and no drive has it. Never rejects: what fails is tried again at the next start. */
  readonly release: (path: string) => Promise<void>;
  /** Deletes what earlier runs have left over. Never rejects. */
  readonly cleanUp: () => Promise<void>;
  readonly close: () => void;
}

export interface ImageStoreOptions {
  readonly session: () => VimSession;
  readonly library: Library;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
  /** Between tries of an upload, ms. */
  readonly pauseMs?: number;
}

/** A requested image, and how its progress is reported. */
interface Delivery {
  readonly request: ImageRequest;
  readonly signal: AbortSignal;
  readonly tell: (progress: MediaProgress) => void;
  readonly open: () => Promise<OpenImage>;
}

export function createImageStore(options: ImageStoreOptions): ImageStore {
  const { library } = options;
  const files = createStoredFiles(options);
  const sharing = createImageSharing(files.hold);
  const turns = createTurns();

  async function deliver(delivery: Delivery): Promise<string> {
    const { request, open, signal, tell } = delivery;
    // Also reports to the caller that started it.
    await Promise.resolve();
    const first = await open();
    try {
      requireSpace(request.datastore, first.totalBytes ?? 0);
      const known = await findSame(request, first);
      if (known !== undefined) {
        first.body.destroy();
        return handOver(known);
      }
    } catch (error) {
      first.body.destroy();
      throw error;
    }
    if (turns.isTaken()) {
      // A server would not wait; an upload is to be had only once.
      if (request.reference.kind !== "upload") {
        first.body.destroy();
      }
      tell({ stage: "queued" });
    }
    return turns.take(signal, async () => {
      const image = first.body.destroyed ? await open() : first;
      return handOver(await upload(image, delivery, options, files));
    });
  }

  /** Holds the path until those who wait for it do so themselves. */
  function handOver(path: string): string {
    setImmediate(files.hold(path));
    return path;
  }

  /** The same version of the same image, if it is still there. */
  async function findSame({ source, datastore }: ImageRequest, { validator }: OpenImage): Promise<string | undefined> {
    const same = library
      .content()
      .images.find(
        (image) =>
          image.source === source &&
          validator !== undefined &&
          image.content?.validator === validator &&
          isOn(datastore, image.path),
      );
    return same && (await files.isThere(same, datastore.browser)) ? same.path : undefined;
  }

  return {
    fetch: (request) =>
      sharing.join(`${request.source} ${request.datastore.reference.value}`, request.onProgress, (signal, tell) => {
        const open = (): Promise<OpenImage> => openImage(request.reference, { ...request.options, signal });
        return deliver({ request, signal, tell, open });
      }),
    release: async (path) => {
      const image = library.content().images.find((each) => each.path === path);
      const isInserted = library.content().insertions.some((insertion) => insertion.path === path);
      if (image && !isInserted) {
        await files.release(image);
      }
    },
    cleanUp: async () => {
      for (const image of library.content().images) {
        await files.release(image);
      }
    },
    close: sharing.close,
  };
}

interface Turns {
  readonly isTaken: () => boolean;
  /** Runs the step once all before it have ended; throws MachineError when it has been called off by then. */
  readonly take: <T>(signal: AbortSignal, step: () => Promise<T>) => Promise<T>;
}

function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;
  return {
    isTaken: () => count > 0,
    take: (signal, step) => {
      count++;
      const result = last.then(() => {
        if (signal.aborted) {
          throw calledOff();
        }
        return step();
      });
      last = result.catch(() => undefined).finally(() => count--);
      return result;
    },
  };
}

/** Gives the path of the new file, or of an older one with the same bytes. */
async function upload(
  image: OpenImage,
  { request, open, signal, tell }: Delivery,
  { session, library, pauseMs }: ImageStoreOptions,
  files: StoredFiles,
): Promise<string> {
  const { datastore, datacenter, source, slot, options } = request;
  const place = { datastore: datastore.name, dcPath: datacenter.path, file: newFile(request) };
  const file = { path: formatDatastorePath(place), dcPath: datacenter.path, source };
  const { totalBytes, validator } = image;
  try {
    const uploaded = await files.write(file, datastore.browser, async () => {
      await makeFolder(session(), { ...place, file: mediaFolder }, datacenter.reference);
      return uploadImage({
        session: session(),
        slot,
        datastore,
        place,
        image,
        maxBytes: options.policy.maxBytes,
        host: request.reference.kind === "url" ? request.reference.url.host : "this host",
        signal,
        onBytes: (bytes) => tell(defined({ stage: "uploading", bytes, totalBytes })),
        reopen: async () => {
          const again = await open();
          requireSpace(await withFreeSpace(session(), datastore), again.totalBytes ?? 0);
          return again;
        },
        ...defined({ pauseMs }),
      });
    });
    await library.complete(file.path, { ...uploaded, ...defined({ validator }) });
    const same = slot === "cd" ? await findCopy(file.path, uploaded.sha256, datastore, library, files) : undefined;
    if (same !== undefined) {
      await files.discard(file);
    }
    return same ?? file.path;
  } finally {
    image.body.destroy();
  }
}

async function withFreeSpace(session: VimSession, datastore: DatastorePlace): Promise<DatastorePlace> {
  const summary = (await readProperties(session, datastore.reference, ["summary"])).get("summary");
  return { ...datastore, freeBytes: numberOf(fieldOf(summary, "freeSpace")) ?? datastore.freeBytes };
}

/** Another file with the same bytes, which takes the place of the new one. */
async function findCopy(
  path: string,
  sha256: string,
  datastore: DatastorePlace,
  library: Library,
  files: StoredFiles,
): Promise<string | undefined> {
  const same = library
    .content()
    .images.find((image) => image.path !== path && image.content?.sha256 === sha256 && isOn(datastore, image.path));
  return same && (await files.isThere(same, datastore.browser)) ? same.path : undefined;
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
