/**
 * CURVE keys of the control socket (RFC 26/CURVEZMQ), created at the daemon's first start. Anyone who can read the
 * file, which is its owner, can command the daemon.
 */
import { existsSync, statSync } from "node:fs";
import path from "node:path";

import * as v from "valibot";

import { isErrno, reasonOf } from "../base/errors.js";
import { ensureFolder } from "../io/files/ensureFolder.js";
import { fileFault } from "../io/files/errno.js";
import { makeOnce } from "../io/files/makeOnce.js";
import { readRegularFile } from "../io/files/regularFile.js";
import { setAside } from "../io/files/setAside.js";
import { writingFault } from "../io/files/writingFault.js";

/** Cannot be the name of a VM: names with a leading dot are refused. */
const fileName = ".control-keys.json";
/** Maximum file size, far beyond four keys, bytes. */
const maxFileBytes = 16 * 1024;

/** 40 characters of Z85 (ZeroMQ RFC 32). */
const keyText = v.pipe(v.string(), v.regex(/^[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/));
const keyPair = v.object({ publicKey: keyText, secretKey: keyText });
const controlKeys = v.object({ server: keyPair, client: keyPair });

/** Z85 text, 40 characters each. */
export type ControlKeys = v.InferOutput<typeof controlKeys>;

/** `damaged`: the file is not a file, or not one that this software wrote. */
class KeysError extends Error {
  override readonly name = "KeysError";

  constructor(
    readonly kind: "damaged" | "refused",
    message: string,
  ) {
    super(message);
  }
}

/** The keys can be neither read nor created, so there is no way to talk to the daemon. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

export const controlKeysRemedy = "let config_dir be written once, or set server_auth = none";

/**
 * undefined if there are none yet; rejects if the file cannot be read or is damaged. Whether the keys belong together is
 * looked at only where nothing answers (`findKeysDamage`): node:crypto takes a twentieth of a command's time to load.
 */
export async function readControlKeys(directory: string): Promise<ControlKeys | undefined> {
  return Promise.resolve(readKeys(directory));
}

/** Why no daemon can answer a client with these keys, in one line, if the keys are damaged. */
export async function findKeysDamage(directory: string): Promise<string | undefined> {
  try {
    await readPairs(directory);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/**
 * Why a daemon with this config_dir, run by this user, can have no control socket, in one line; undefined if it can.
 */
export function controlKeysFault(directory: string): string | undefined {
  try {
    if (readKeys(directory)) {
      return undefined;
    }
  } catch (error) {
    if (error instanceof KeysError && error.kind === "refused") {
      return error.message;
    }
  }
  // Missing or damaged keys are created if possible.
  const fault = existsSync(directory) ? writingFault(directory) : undefined;
  return fault === undefined ? undefined : `the control keys cannot be written: ${fault}`;
}

/** Who owns the file, or the folder that hides it, if that is why it cannot be read. */
function ownerHint(file: string, subject = "it"): string {
  const own = process.geteuid?.();
  try {
    const { uid } = statSync(file);
    return own === undefined || uid === own ? "" : `; ${subject} belongs to user ${uid}, and this is user ${own}`;
  } catch (error) {
    const folder = path.dirname(file);
    return isErrno(error, "EACCES") ? ownerHint(folder, folder) : "";
  }
}

function readKeys(directory: string): ControlKeys | undefined {
  const file = path.join(directory, fileName);
  try {
    return v.parse(controlKeys, JSON.parse(readRegularFile(file, maxFileBytes).toString()));
  } catch (error) {
    if (isErrno(error, "ENOENT")) {
      return undefined;
    }
    if (isErrno(error, "EACCES", "EPERM")) {
      throw new KeysError("refused", `cannot read the control keys in ${file}: ${fileFault(error)}${ownerHint(file)}`);
    }
    throw damaged(file);
  }
}

/** The keys, if ZeroMQ takes them and they belong together. */
async function readPairs(directory: string): Promise<ControlKeys | undefined> {
  const keys = readKeys(directory);
  const { isKeyPair } = await import("./curveKeyPair.js");
  if (keys && !(isKeyPair(keys.server) && isKeyPair(keys.client))) {
    throw damaged(path.join(directory, fileName));
  }
  return keys;
}

function damaged(file: string): KeysError {
  const remedy = "it is damaged; restart vbmcd to make new ones";
  return new KeysError("damaged", `cannot read the control keys in ${file}: ${remedy}`);
}

/**
 * The keys in `directory`, created with `createKeyPair` if missing: completely and on disk, or not at all. A damaged
 * file is renamed and reported to `onWarning`. Rejects with KeysUnavailableError.
 */
export async function ensureControlKeys(
  directory: string,
  createKeyPair: () => ControlKeys["server"],
  onWarning: (message: string) => void = () => undefined,
): Promise<ControlKeys> {
  const file = path.join(directory, fileName);
  try {
    const existing = await readOrSetAside(directory, file, onWarning);
    if (existing) {
      return existing;
    }
    ensureFolder(directory);
    await makeOnce(file, JSON.stringify({ server: createKeyPair(), client: createKeyPair() }));
    const made = await readPairs(directory);
    if (!made) {
      throw new Error("it has disappeared");
    }
    return made;
  } catch (error) {
    const reason = error instanceof KeysError ? error.message : `${file} cannot be written: ${fileFault(error)}`;
    throw new KeysUnavailableError(reason);
  }
}

async function readOrSetAside(
  directory: string,
  file: string,
  onWarning: (message: string) => void,
): Promise<ControlKeys | undefined> {
  try {
    return await readPairs(directory);
  } catch (error) {
    if (!(error instanceof KeysError) || error.kind !== "damaged") {
      throw error;
    }
    const fault = setAside(file);
    if (fault !== undefined) {
      throw new KeysError("refused", `the control keys in ${file} are damaged and cannot be renamed: ${fault}`);
    }
    onWarning(`the control keys in ${file} were damaged: the file was renamed, and new keys were created`);
    return undefined;
  }
}
