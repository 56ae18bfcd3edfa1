/** Opens an image: what it is called, how long it is, and its bytes as a stream that is read only as fast as it is stored. */
import { createHash } from "node:crypto";
import { open, realpath } from "node:fs/promises";
import type { Readable } from "node:stream";

import { MachineError } from "../../model/machine/errors.js";
import { openUrl } from "./imageDownload.js";
import { type ImagePolicy, requireAllowedFile } from "./imagePolicy.js";
import type { ImageReference } from "./imageReference.js";
import { openUpload } from "./imageUpload.js";

export interface OpenImage {
  readonly body: Readable;
  /** undefined where the server does not tell. */
  readonly totalBytes: number | undefined;
  /** Text that changes with the image; undefined if unknown. */
  readonly validator: string | undefined;
}

export interface ImageSourceOptions {
  readonly policy: ImagePolicy;
  readonly verifiesCertificate: boolean;
  /** PEM; of image servers or authorities. */
  readonly trustedCertificates: readonly string[];
  /** Any file of this host may be read. */
  readonly isOperators: boolean;
  readonly signal: AbortSignal;
}

/** Throws MachineError. */
export function openImage(
  reference: Exclude<ImageReference, { kind: "datastore" }>,
  options: ImageSourceOptions,
): Promise<OpenImage> {
  switch (reference.kind) {
    case "url":
      return openUrl(reference.url, reference.credentials, options);
    case "file":
      return openFile(reference.file, options);
    case "upload":
      return openUpload(reference.socketPath, options);
  }
}

async function openFile(file: string, { policy, isOperators }: ImageSourceOptions): Promise<OpenImage> {
  const real = await realpath(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  if (!isOperators) {
    const folders = await Promise.all(policy.allowedFolders.map((folder) => realpath(folder).catch(() => folder)));
    requireAllowedFile(real, folders);
  }
  const handle = await open(real, "r").catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const { size, mtimeMs, ino } = await handle.stat();
  const isRegular = (await handle.stat()).isFile();
  if (!isRegular || size > policy.maxBytes) {
    await handle.close();
    throw new MachineError("badImage", isRegular ? tooLarge(policy.maxBytes) : `${file} is no regular file`);
  }
  return { body: handle.createReadStream(), totalBytes: size, validator: toValidator([ino, size, mtimeMs]) };
}

/** Of whatever length a server's marks are. */
export function toValidator(marks: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(marks)).digest("hex");
}

function unreadable(file: string, error: unknown): MachineError {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  return code === "ENOENT"
    ? new MachineError("badImage", `there is no file ${file} on the daemon's host`)
    : new MachineError("badImage", `${file} cannot be read: ${code}`);
}

export function tooLarge(maxBytes: number): string {
  return `the image is larger than ${Math.floor(maxBytes / 1024 ** 3)} GiB: see [media] max_image_size in virtualbmc.conf`;
}
