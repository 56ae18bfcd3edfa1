/** Datastore paths, such as `[datastore1] iso/debian.iso`. */
import { MachineError } from "../../model/machine/errors.js";

export interface DatastorePath {
  readonly datastore: string;
  /** Without a slash in front. */
  readonly file: string;
}

/** Throws MachineError. */
export function parseDatastorePath(text: string): DatastorePath {
  const { datastore, file } = /^\[(?<datastore>[^\]]+)\] ?(?<file>.*)$/.exec(text)?.groups ?? {};
  if (datastore === undefined || file === undefined || file === "") {
    throw new MachineError("unsupported", `${text} is no path in a datastore: give [datastore] folder/file.iso`);
  }
  return { datastore, file: file.replace(/^\/+/, "") };
}

export function formatDatastorePath({ datastore, file }: DatastorePath): string {
  return `[${datastore}] ${file}`;
}

/** The folder and the name in it; the folder is empty at the top. */
export function splitFile(file: string): { readonly folder: string; readonly name: string } {
  const slash = file.lastIndexOf("/");
  return { folder: file.slice(0, Math.max(slash, 0)), name: file.slice(slash + 1) };
}
