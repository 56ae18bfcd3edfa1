/** Images in datastores: one upload at a time, one for all who want the same, one file for the same bytes. */
import { randomBytes } from "node:crypto";

import { MachineError } from "../../model/machine/errors.js";
import type { MediaProgress, MediaSlotId } from "../../model/machine/media.js";
import { toMachineError } from "../faults.js";
import { readProperties } from "../properties.js";
import type { VimSession } from "../session.js";
import { fieldOf, numberOf } from "../soapValue.js";
import { formatDatastorePath, parseDatastorePath } from "./datastorePath.js";
import { type DatacenterPlace, type DatastorePlace, requireSpace } from "./datastores.js";
import { deleteFile, fileSize, makeFolder } from "./fileManager.js";
import { imageName, type ImageReference } from "./imageReference.js";
import { type ImageSourceOptions, type OpenImage, openImage } from "./imageSource.js";
import { findDatacenter, isFileUsed } from "./imageUsers.js";
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
  readonly onProgress: (progress: MediaProgress) => void;
}

/** A part in an image that is stored, or on its way. */
export interface ImageShare {
  /** The datastore path; rejects with MachineError, VimFault or VimTransportError. */
  readonly path: Promise<string>;
  /**
   * It is not wanted any more: nothing keeps the file then but the drives that it is in. Resolves, where nobody else wants it,
   * when it is no longer on its way.
   */
  readonly leave: () => Promise<void>;
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

const maxRemovals = 4;
const removalPauseMs = 500;

interface Fetching {
  readonly path: Promise<string>;
  readonly abort: AbortController;
  readonly listeners: Set<(progress: MediaProgress) => void>;
  last: MediaProgress;
}

export function createImageStore({ session, library, log, pauseMs }: ImageStoreOptions): ImageStore {
  const fetching = new Map<string, Fetching>();
  /** Paths that are in use by whoever is about to insert them, and how often. */
  const held = new Map<string, number>();
  /** Paths that are about to be deleted: nobody is given them any more. */
  const leaving = new Set<string>();
  /** Paths that are being written. */
  const growing = new Set<string>();
  let lastUpload: Promise<unknown> = Promise.resolve();
  let uploads = 0;

  function fetch(request: ImageRequest): ImageShare {
    const key = `${request.source} ${request.datastore.reference.value}`;
    const joined = fetching.get(key) ?? begin(key, request);
    joined.listeners.add(request.onProgress);
    request.onProgress(joined.last);
    let isLeft = false;
    let mine: string | undefined;
    const path = joined.path.then((stored) => {
      if (!isLeft) {
        mine = stored;
        hold(stored, 1);
      }
      return stored;
    });
    path.catch(() => undefined);
    return {
      path,
      leave: async () => {
        isLeft = true;
        const isLast = joined.listeners.delete(request.onProgress) && joined.listeners.size === 0;
        if (isLast) {
          joined.abort.abort();
          forget(key, joined);
        }
        if (mine !== undefined) {
          hold(mine, -1);
          mine = undefined;
        }
        if (isLast) {
          await joined.path.catch(() => undefined);
        }
      },
    };
  }

  function hold(path: string, change: 1 | -1): void {
    const count = (held.get(path) ?? 0) + change;
    if (count > 0) {
      held.set(path, count);
    } else {
      held.delete(path);
    }
  }

  /** Holds the path until those who wait for it do so themselves. */
  function handOver(path: string): string {
    hold(path, 1);
    setImmediate(() => hold(path, -1));
    return path;
  }

  function forget(key: string, own: Fetching): void {
    if (fetching.get(key) === own) {
      fetching.delete(key);
    }
  }

  function begin(key: string, request: ImageRequest): Fetching {
    const abort = new AbortController();
    const mine: Fetching = {
      abort,
      listeners: new Set(),
      last: { stage: "checking" },
      path: store(request, abort.signal, (progress) => {
        mine.last = progress;
        mine.listeners.forEach((listener) => listener(progress));
      }).finally(() => forget(key, mine)),
    };
    fetching.set(key, mine);
    return mine;
  }

  async function store(
    request: ImageRequest,
    signal: AbortSignal,
    tell: (progress: MediaProgress) => void,
  ): Promise<string> {
    // Whoever has begun it is told as well.
    await Promise.resolve();
    const open = (): Promise<OpenImage> => openImage(request.reference, { ...request.options, signal });
    const first = await open();
    try {
      requireSpace(request.datastore, first.totalBytes ?? 0);
      const known = await findSame(request, first);
      if (known !== undefined) {
        return known;
      }
    } catch (error) {
      first.body.destroy();
      throw error;
    }
    if (uploads > 0) {
      // Its server would not wait.
      first.body.destroy();
      tell({ stage: "queued" });
    }
    return inTurn(async () => {
      const image = first.body.destroyed ? await open() : first;
      return upload(request, image, open, signal, tell);
    }, signal);
  }

  async function inTurn<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T> {
    uploads++;
    const before = lastUpload;
    const result = before.then(() => {
      if (signal.aborted) {
        throw new MachineError("busy", "the insertion was called off");
      }
      return step();
    });
    lastUpload = result.catch(() => undefined).finally(() => uploads--);
    return result;
  }

  /** The same version of the same image, if it is still there. */
  async function findSame(request: ImageRequest, image: OpenImage): Promise<string | undefined> {
    const { validator } = image;
    const same = library
      .content()
      .images.find(
        ({ source, content, path }) =>
          source === request.source &&
          validator !== undefined &&
          content?.validator === validator &&
          isOn(request.datastore, path),
      );
    if (!same || !(await isThere(same, request.datastore))) {
      return undefined;
    }
    image.body.destroy();
    return handOver(same.path);
  }

  async function isThere({ path, content }: StoredImage, datastore: DatastorePlace): Promise<boolean> {
    const size = await fileSize(session(), datastore.browser, parseDatastorePath(path));
    return size !== undefined && size === content?.size && !leaving.has(path);
  }

  async function upload(
    request: ImageRequest,
    image: OpenImage,
    open: () => Promise<OpenImage>,
    signal: AbortSignal,
    tell: (progress: MediaProgress) => void,
  ): Promise<string> {
    const { datastore, datacenter, source, slot, options } = request;
    const place = { datastore: datastore.name, dcPath: datacenter.path, file: newFile(request) };
    const path = formatDatastorePath(place);
    const { totalBytes } = image;
    growing.add(path);
    try {
      await library.begin({ path, dcPath: datacenter.path, source });
      await makeFolder(session(), { ...place, file: mediaFolder }, datacenter.reference);
      const uploaded = await uploadImage({
        session: session(),
        slot,
        datastore,
        place,
        image,
        maxBytes: options.policy.maxBytes,
        host: request.reference.kind === "url" ? request.reference.url.host : "this host",
        signal,
        onBytes: (bytes) => tell({ stage: "uploading", bytes, ...(totalBytes !== undefined && { totalBytes }) }),
        reopen: async () => {
          const again = await open();
          requireSpace(await withFreeSpace(datastore), again.totalBytes ?? 0);
          return again;
        },
        ...(pauseMs !== undefined && { pauseMs }),
      });
      const { validator } = image;
      await library.complete(path, { ...uploaded, ...(validator !== undefined && { validator }) });
      return handOver(await oneOfSame(path, uploaded.sha256, datastore));
    } catch (error) {
      image.body.destroy();
      await removePart(path, datacenter.path, datastore);
      throw error;
    } finally {
      growing.delete(path);
    }
  }

  async function withFreeSpace(datastore: DatastorePlace): Promise<DatastorePlace> {
    const summary = (await readProperties(session(), datastore.reference, ["summary"])).get("summary");
    return { ...datastore, freeBytes: numberOf(fieldOf(summary, "freeSpace")) ?? datastore.freeBytes };
  }

  /** Another file with the same bytes takes the place of the new one. */
  async function oneOfSame(path: string, sha256: string, datastore: DatastorePlace): Promise<string> {
    const same = library
      .content()
      .images.find((image) => image.path !== path && image.content?.sha256 === sha256 && isOn(datastore, image.path));
    if (!same || !(await isThere(same, datastore))) {
      return path;
    }
    const own = library.content().images.find((image) => image.path === path);
    await removeUnneeded(path, own?.dcPath ?? "");
    return same.path;
  }

  /** A host may have the file open for a moment still, and keep what has come so far when it closes it. */
  async function removePart(path: string, dcPath: string, { browser }: DatastorePlace): Promise<void> {
    for (let left = maxRemovals; left > 0; left--) {
      const isGone = await removeFile(path, dcPath);
      const size = await fileSize(session(), browser, parseDatastorePath(path)).catch(() => undefined);
      if (isGone && size === undefined) {
        await library.forget(path);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, removalPauseMs));
    }
  }

  async function removeUnneeded(path: string, dcPath: string): Promise<void> {
    if (await removeFile(path, dcPath)) {
      await library.forget(path);
    }
  }

  /** Tells whether it is gone. */
  async function removeFile(path: string, dcPath: string): Promise<boolean> {
    try {
      const datacenter = await findDatacenter(session(), dcPath);
      if (datacenter) {
        await deleteFile(session(), parseDatastorePath(path), datacenter);
      }
      return datacenter !== undefined;
    } catch (error) {
      log("a stored image could not be deleted, which is tried again at the next start", {
        path,
        reason: toMachineError(error).message,
      });
      return false;
    }
  }

  /** Asks the devices of all VMs, since others may have inserted it too. */
  async function removeUnused({ path, dcPath, content }: StoredImage): Promise<void> {
    if (growing.has(path) || held.has(path) || leaving.has(path)) {
      return;
    }
    leaving.add(path);
    try {
      const datacenter = content && (await findDatacenter(session(), dcPath));
      if (datacenter && (await isFileUsed(session(), datacenter, parseDatastorePath(path)))) {
        return;
      }
      if (!held.has(path)) {
        await removeUnneeded(path, dcPath);
      }
    } catch (error) {
      log("it is not known whether a stored image is still used: it stays", {
        path,
        reason: toMachineError(error).message,
      });
    } finally {
      leaving.delete(path);
    }
  }

  return {
    fetch,
    release: async (path) => {
      const image = library.content().images.find((each) => each.path === path);
      const isInserted = library.content().insertions.some((insertion) => insertion.path === path);
      if (image && !isInserted) {
        await removeUnused(image);
      }
    },
    cleanUp: async () => {
      for (const image of library.content().images) {
        await removeUnused(image);
      }
    },
    close: () => fetching.forEach(({ abort }) => abort.abort()),
  };
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
