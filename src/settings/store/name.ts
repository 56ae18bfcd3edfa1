/** Which VM names can name a folder. */
import { existsSync, lstatSync } from "node:fs";
import path from "node:path";

import { StoreError } from "./storeError.js";

/** Longest VM name that vSphere allows, in characters. */
const maxCharacters = 80;
/** Longest file name on Linux, in bytes. */
const maxBytes = 255;

/** Why a VM name cannot be the name of a folder in config_dir; undefined when it can. */
export function nameFault(name: string): string | undefined {
  if (name === "") {
    return "a VM name must not be empty";
  }
  if (name.startsWith(".")) {
    return "a VM name must not begin with a dot";
  }
  if (name.includes("/")) {
    return "a VM name must not contain a slash";
  }
  if (/[\x00-\x1f\x7f\x85\u2028\u2029]/.test(name)) {
    return "a VM name must not contain control characters";
  }
  if (Array.from(name).length > maxCharacters) {
    return `a VM name must not be longer than ${maxCharacters} characters`;
  }
  if (Buffer.byteLength(name) > maxBytes) {
    return `a VM name must not be longer than ${maxBytes} bytes`;
  }
  return undefined;
}

/**
 * The folder of a VM, always a direct child of config_dir.
 * @throws StoreError for a name that could lead anywhere else
 */
export function folderOf(configDir: string, name: string): string {
  const fault = nameFault(name);
  if (fault !== undefined) {
    throw new StoreError("invalidName", fault);
  }
  return path.join(configDir, name);
}

/** Why an entry of config_dir that looks like a BMC's folder is invalid; undefined otherwise. */
export function oddNameFault(configDir: string, name: string): string | undefined {
  const folder = path.join(configDir, name);
  // Node cannot open a name that it could not decode.
  const isDecoded = !name.includes("\ufffd") || lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
  if (!isDecoded) {
    return "its name is not UTF-8";
  }
  const fault = nameFault(name);
  return fault !== undefined && existsSync(path.join(folder, "config")) ? fault : undefined;
}
