/** The certificate seen at the first successful login, remembered over restarts (trust on first use). */
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { replaceFile } from "../files/atomicWrite.js";
import { isErrno } from "../files/errno.js";

/** SHA-256 fingerprint; undefined when none is remembered. A file that is there and cannot be read is an error. */
export async function rememberedCertificate(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) {
    return undefined;
  }
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (isErrno(error, "ENOENT")) {
      return "";
    }
    throw error;
  });
  return text.trim() === "" ? undefined : text.trim();
}

export async function rememberCertificate(file: string, fingerprint: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await replaceFile(file, `${fingerprint}\n`);
}
