/**
 * CURVE keys of the control socket (RFC 26/CURVEZMQ): whoever can read the file, which is its owner, may command the
 * daemon. Made at the daemon's first start.
 */
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";

/** No VM can have this name: names with a leading dot are refused. */
const fileName = ".control-keys.json";

const keyPair = v.object({ publicKey: v.string(), secretKey: v.string() });
const controlKeys = v.object({ server: keyPair, client: keyPair });

/** Z85 text, 40 characters each. */
export type ControlKeys = v.InferOutput<typeof controlKeys>;

/** undefined when there are none yet; rejects when the file cannot be read or is not what it should be. */
export async function readControlKeys(directory: string): Promise<ControlKeys | undefined> {
  const file = path.join(directory, fileName);
  try {
    return v.parse(controlKeys, JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") {
      return undefined;
    }
    const reason = code === "EACCES" ? "it belongs to another user" : "it is damaged; remove it and restart vbmcd";
    throw new Error(`cannot read the control keys in ${file}: ${reason}`);
  }
}

/** The keys in `directory`, made with `createKeyPair` if there are none: whole and on disk, or not at all. */
export async function ensureControlKeys(
  directory: string,
  createKeyPair: () => ControlKeys["server"],
): Promise<ControlKeys> {
  const existing = await readControlKeys(directory);
  if (existing) {
    return existing;
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, fileName);
  const temporary = `${file}.${process.pid}`;
  const handle = await open(temporary, "w", 0o600);
  try {
    const keys: ControlKeys = { server: createKeyPair(), client: createKeyPair() };
    await handle.writeFile(JSON.stringify(keys));
    await handle.sync();
    // A link, unlike a rename, leaves the keys of another daemon that was faster in place.
    await link(temporary, file).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
        throw error;
      }
    });
  } finally {
    await handle.close();
    await rm(temporary, { force: true });
  }
  const made = await readControlKeys(directory);
  if (!made) {
    throw new Error(`the control keys in ${file} vanished`);
  }
  return made;
}
