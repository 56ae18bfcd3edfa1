/** An image on its way from its server to a datastore: checked, measured, tried again where that helps. */
import { pipeline } from "node:stream";

import { MachineError } from "../../model/machine/errors.js";
import type { MediaSlotId } from "../../model/machine/media.js";
import type { VimSession } from "../session.js";
import { VimTransportError } from "../vimErrors.js";
import { calledOff } from "./calledOff.js";
import type { DatastorePlace } from "./datastores.js";
import { fileSize } from "./fileManager.js";
import { type FolderPlace, putFile, type PutOptions } from "./folderRequest.js";
import { requireImage } from "./imageCheck.js";
import { downloadError } from "./imageDownload.js";
import type { OpenImage } from "./imageSource.js";
import { createMeter, type Uploaded } from "./uploadMeter.js";

export interface UploadOptions {
  readonly session: VimSession;
  readonly slot: MediaSlotId;
  readonly datastore: DatastorePlace;
  readonly place: FolderPlace;
  /** The first one; a try that has to start over opens another. */
  readonly image: OpenImage;
  readonly reopen: () => Promise<OpenImage>;
  readonly maxBytes: number;
  /** The image server, for errors. */
  readonly host: string;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  readonly pauseMs?: number;
}

const maxTries = 4;
const usualPauseMs = 1_000;
/** A proxy in front of a service that restarts, or another upload. */
const passing: readonly number[] = [502, 503, 504, 404];

/** Throws MachineError, VimFault or VimTransportError; what has been stored by then is left to the caller. */
export async function uploadImage(options: UploadOptions): Promise<Uploaded> {
  let by: PutOptions["by"] = "cookie";
  let image = options.image;
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(image, by, options);
    if (typeof outcome !== "object" || !("status" in outcome)) {
      return outcome;
    }
    const isRefused = [401, 403, 404].includes(outcome.status);
    const isWorthATry = outcome.status === 0 || isRefused || passing.includes(outcome.status);
    if (!isWorthATry || attempt >= maxTries) {
      throw outcome.why;
    }
    // Some vCenters take only a ticket for files: they say "not found" to the cookie, or end the connection.
    by = isRefused || outcome.status === 0 ? "ticket" : by;
    if (!isRefused || attempt > 1) {
      await pause((options.pauseMs ?? usualPauseMs) * 2 ** (attempt - 1), options.signal);
    }
    // A session that has ended in the meantime is reopened.
    await options.session.keepAlive();
    image = await options.reopen();
  }
}

interface Failed {
  /** HTTP; 0: the connection broke. */
  readonly status: number;
  readonly why: Error;
}

async function tryOnce(image: OpenImage, by: PutOptions["by"], options: UploadOptions): Promise<Uploaded | Failed> {
  const { session, place, signal, slot, onBytes } = options;
  const meter = createMeter(slot, options.maxBytes, onBytes);
  const toDownloadError = (error: unknown): Error => downloadError(error as Error, options.host);
  onBytes(0);
  let status: number;
  try {
    await requireImage(image.body, slot, image.totalBytes).catch((error: unknown) => {
      throw toDownloadError(error);
    });
    // An error of the image server must not be reported as one of vCenter.
    image.body.once("error", (error) => meter.stream.destroy(toDownloadError(error)));
    const body = pipeline(image.body, meter.stream, () => undefined);
    status = await putFile(body, { session, place, totalBytes: image.totalBytes, signal, by });
  } catch (error) {
    if (error instanceof VimTransportError && error.problem === "unreachable") {
      return { status: 0, why: error };
    }
    throw error;
  } finally {
    image.body.destroy();
  }
  if (status < 200 || status > 299) {
    return { status, why: refusal(status, options) };
  }
  return verified(meter.result(), options);
}

function refusal(status: number, { datastore }: UploadOptions): MachineError {
  const words: Readonly<Record<number, string>> = {
    401: "the account may not upload files: give it Datastore.FileManagement on the datastore",
    403: "the account may not upload files: give it Datastore.FileManagement on the datastore",
    404: "the server does not find the folder, or does not take files from this account",
    507: "it is full",
  };
  const kind = status === 401 || status === 403 ? "denied" : "unavailable";
  return new MachineError(
    kind,
    `the upload to the datastore ${datastore.name} was refused with HTTP ${status}: ${words[status] ?? "see vCenter's log"}`,
  );
}

/** An upload that "succeeds" without a file, or with half of it, has been seen. */
async function verified(uploaded: Uploaded, { session, datastore, place }: UploadOptions): Promise<Uploaded | Failed> {
  const size = await fileSize(session, datastore.browser, place);
  if (size === uploaded.size) {
    return uploaded;
  }
  const found = size === undefined ? "the file is not there" : `it has ${size} bytes instead of ${uploaded.size}`;
  const why = `vCenter said that the image was stored on ${datastore.name}, but ${found}`;
  return { status: 0, why: new MachineError("unavailable", why) };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(calledOff());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) {
      stop();
    }
  });
}
