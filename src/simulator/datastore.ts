/** A datastore's files and folders. A file takes its size of the capacity, but of its bytes only the first are kept. */
import { createHash } from "node:crypto";

export interface DatastoreDefinition {
  readonly name: string;
  /** Absent: 100 GiB. */
  readonly capacityBytes?: number;
  /** Absent: VMFS. */
  readonly type?: string;
}

export interface StoredFile {
  readonly size: number;
  /** Hex, of all its bytes. */
  readonly sha256: string;
  /** Its first bytes: all of them, where the file is small. */
  readonly head: Buffer;
  readonly modified: Date;
  /** The upload was broken off. */
  readonly isPartial: boolean;
}

/** A file while it is written. */
export interface FileWriter {
  /** False: the datastore is full. */
  readonly add: (bytes: Buffer) => boolean;
  readonly end: () => StoredFile;
  /** What has come so far stays, as on a real host. */
  readonly breakOff: () => void;
}

export interface Datastore {
  readonly name: string;
  readonly type: string;
  capacityBytes: number;
  isAccessible: boolean;
  isReadOnly: boolean;
  readonly freeBytes: () => number;
  /** By path, without a slash in front. */
  readonly files: ReadonlyMap<string, StoredFile>;
  readonly hasFolder: (path: string) => boolean;
  /** With the folders above it. */
  readonly makeFolder: (path: string) => void;
  /** Deletes a file, or a folder with its content; returns whether it existed. */
  readonly remove: (path: string) => boolean;
  readonly write: (path: string) => FileWriter;
  /** Puts a whole file there, with the folders above it. */
  readonly put: (path: string, content: Buffer) => StoredFile;
}

const defaultCapacityBytes = 100 * 1024 ** 3;
/** Enough for the volume descriptor of an ISO 9660 image, bytes. */
const keptBytes = 64 * 1024;

export function createDatastore(definition: DatastoreDefinition): Datastore {
  const files = new Map<string, StoredFile>();
  const folders = new Set<string>([""]);
  /** Of files that are being written. */
  const growing = new Map<string, number>();
  const datastore: Datastore = {
    name: definition.name,
    type: definition.type ?? "VMFS",
    capacityBytes: definition.capacityBytes ?? defaultCapacityBytes,
    isAccessible: true,
    isReadOnly: false,
    freeBytes: () => Math.max(datastore.capacityBytes - usedBytes(), 0),
    files,
    hasFolder: (path) => folders.has(path),
    makeFolder: (path) => foldersOf(path).forEach((folder) => folders.add(folder)),
    remove,
    write,
    put: (path, content) => {
      datastore.makeFolder(parentFolder(path));
      const writer = write(path);
      writer.add(content);
      return writer.end();
    },
  };

  function usedBytes(): number {
    const sizes = [...[...files.values()].map(({ size }) => size), ...growing.values()];
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  function remove(path: string): boolean {
    if (files.delete(path)) {
      return true;
    }
    if (path === "" || !folders.has(path)) {
      return false;
    }
    [...files.keys()].filter((name) => name.startsWith(`${path}/`)).forEach((name) => files.delete(name));
    [...folders].filter((name) => name === path || name.startsWith(`${path}/`)).forEach((name) => folders.delete(name));
    return true;
  }

  function write(path: string): FileWriter {
    const hash = createHash("sha256");
    const head: Buffer[] = [];
    let size = 0;
    let kept = 0;
    files.delete(path);
    growing.set(path, 0);

    function close(isPartial: boolean): StoredFile {
      const file = { size, sha256: hash.digest("hex"), head: Buffer.concat(head), modified: new Date(), isPartial };
      growing.delete(path);
      files.set(path, file);
      return file;
    }

    return {
      add: (bytes) => {
        if (bytes.length > datastore.freeBytes()) {
          return false;
        }
        hash.update(bytes);
        const part = Buffer.from(bytes.subarray(0, Math.max(keptBytes - kept, 0)));
        if (part.length > 0) {
          head.push(part);
          kept += part.length;
        }
        size += bytes.length;
        growing.set(path, size);
        return true;
      },
      end: () => close(false),
      breakOff: () => void close(true),
    };
  }

  return datastore;
}

export function parentFolder(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

/** The folder and those above it. */
function foldersOf(path: string): readonly string[] {
  return path === "" ? [] : [...foldersOf(parentFolder(path)), path];
}

/** Of a datastore path such as `[datastore1] iso/x.iso`; undefined for what is none. */
export function parseDatastorePath(
  text: string,
): { readonly datastoreName: string; readonly path: string } | undefined {
  const match = /^\[(?<name>[^\]]+)\] ?(?<path>.*)$/.exec(text);
  const { name, path } = match?.groups ?? {};
  return name === undefined || path === undefined
    ? undefined
    : { datastoreName: name, path: path.replace(/^\/+|\/+$/g, "") };
}

/** Volume identifier of an ISO 9660 image (ECMA-119 §8.4.7); undefined for what is none. */
export function volumeIdOf({ head }: StoredFile): string | undefined {
  const descriptor = head.subarray(16 * 2048, 17 * 2048);
  return descriptor.length === 2048 && descriptor.toString("latin1", 1, 6) === "CD001"
    ? descriptor.toString("latin1", 40, 72).trim()
    : undefined;
}
