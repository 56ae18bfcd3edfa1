/** The media library file of an account: always complete before an image is created, so that none is forgotten. */
import { existsSync } from "node:fs";
import path from "node:path";

import { boolean, fields, integer, list, oneOf, optional, text } from "../../base/document/codec.js";
import { isErrno } from "../../base/errors.js";
import { replaceFile } from "../../io/files/atomicWrite.js";
import { fileFault } from "../../io/files/errno.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import { setAside } from "../../io/files/setAside.js";
import {
  emptyLibrary,
  type ImageContent,
  type Insertion,
  type LibraryContent,
  type LibraryStorage,
  type StoredImage,
} from "../../vsphere/media/library.js";

/** Of one daemon that serves all BMCs of config_dir; several daemons have `media-I-of-N.json` each. */
const fileName = "media.json";
/** Bytes. */
const maxFileBytes = 16 * 1024 * 1024;
const maxTextLength = 4_096;
const maxListLength = 20_000;

const contentCodec = fields<ImageContent>({
  size: integer(0, Number.MAX_SAFE_INTEGER),
  sha256: text(64),
  validator: optional(text(maxTextLength)),
});
const imageCodec = fields<StoredImage>({
  path: text(maxTextLength),
  dcPath: text(maxTextLength),
  source: text(64),
  content: optional(contentCodec),
});
const insertionCodec = fields<Insertion>({
  vm: text(maxTextLength),
  slot: oneOf("cd", "floppy"),
  image: text(maxTextLength),
  source: text(64),
  path: text(maxTextLength),
  verifiesCertificate: boolean,
});
const libraryCodec = fields<LibraryContent>({
  images: list(imageCodec, maxListLength),
  insertions: list(insertionCodec, maxListLength),
});

/**
 * Without a folder it is kept in memory only. An unusable file is set aside: the images in it are never deleted then.
 * @param onTrouble gets one line
 * @param shard `I-of-N`: one of several daemons on this folder, which begins with what the one daemon of before had
 */
export function openMediaLibrary(
  folder: string | undefined,
  onTrouble: (message: string) => void,
  shard?: string,
): LibraryStorage {
  const ownName = shard === undefined ? fileName : `media-${shard}.json`;
  const file = folder === undefined ? undefined : path.join(folder, ownName);
  let lastWrite: Promise<void> = Promise.resolve();
  return {
    read: () => {
      if (folder === undefined || file === undefined) {
        return emptyLibrary;
      }
      return read(existsSync(file) ? file : path.join(folder, fileName), onTrouble);
    },
    write: (content) => {
      if (file === undefined) {
        return Promise.resolve();
      }
      const written = lastWrite.then(() =>
        replaceFile(file, `${JSON.stringify(libraryCodec.encode(content), undefined, 1)}\n`),
      );
      lastWrite = written.catch((error: unknown) => {
        onTrouble(`${file}: ${fileFault(error)}: the list of stored images is kept in memory until vbmcd ends`);
      });
      return written;
    },
  };
}

function read(file: string, onTrouble: (message: string) => void): LibraryContent {
  try {
    return libraryCodec.decode(JSON.parse(readRegularFile(file, maxFileBytes).toString()));
  } catch (error) {
    if (isErrno(error, "ENOENT")) {
      return emptyLibrary;
    }
    const fault = setAside(file);
    const outcome = fault === undefined ? "the file was renamed" : `the file cannot be renamed: ${fault}`;
    onTrouble(`${file}: ${fileFault(error)}: the images listed in it stay on their datastores; ${outcome}`);
    return emptyLibrary;
  }
}
