/** Stores the certificate of the first successful login across restarts (trust on first use). */
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import { replaceFile } from "../../io/files/atomicWrite.js";
import { ensureFolder } from "../../io/files/ensureFolder.js";
import { fileFault } from "../../io/files/errno.js";
import { readRegularFile, StrangeFileError } from "../../io/files/regularFile.js";
import { setAside } from "../../io/files/setAside.js";
import type { LinkConfiguration } from "../ipc/configuration.js";

/** Far beyond a fingerprint, bytes. */
const maxFileBytes = 4096;
const sha256 = /^[0-9a-f]{2}(:[0-9a-f]{2}){31}$/i;

/** What is remembered cannot be used; the message is one line that says what to do. */
export class CertificateMemoryError extends Error {
  override readonly name = "CertificateMemoryError";
}

/**
 * SHA-256 fingerprint; undefined if none is stored. Rejects with one line if the file exists but cannot be read: treating
 * that as "none" would trust any server.
 */
export async function rememberedCertificate(file: string | undefined): Promise<string | undefined> {
  return Promise.resolve(file === undefined ? undefined : read(file));
}

function read(file: string): string | undefined {
  const text = readText(file).trim();
  if (text !== "" && !sha256.test(text)) {
    throw new CertificateMemoryError(
      `${file} should contain the fingerprint of the certificate seen first, but does not: accept the current one with vbmc trust NAME`,
    );
  }
  return text === "" ? undefined : text;
}

function readText(file: string): string {
  try {
    return readRegularFile(file, maxFileBytes).toString();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) {
      return "";
    }
    throw new CertificateMemoryError(
      `cannot read the remembered certificate from ${file}: ${fileFault(error)}: accept the current one with vbmc trust NAME`,
    );
  }
}

export async function rememberCertificate(file: string, fingerprint: string): Promise<void> {
  ensureFolder(path.dirname(file));
  try {
    await replaceFile(file, `${fingerprint}\n`);
  } catch (error) {
    // Only vbmc trust gets here with a folder or the like in the way: nothing is remembered of what cannot be read.
    if (!(error instanceof StrangeFileError) || setAside(file) !== undefined) {
      throw error;
    }
    await replaceFile(file, `${fingerprint}\n`);
  }
}

/** The stored certificate of one account; works without a disk too. */
export interface CertificateMemory {
  /** Rejects like `rememberedCertificate`. */
  readonly recall: () => Promise<string | undefined>;
  /** If it cannot be written, it is kept in memory until the process ends; `onTrouble` is called once. */
  readonly remember: (fingerprint: string) => Promise<void>;
}

export function createCertificateMemory(
  { viserver, tls }: LinkConfiguration,
  onTrouble: (message: string) => void,
): CertificateMemory {
  // If the configuration decides whom to trust, there is nothing to store.
  const isDecided = tls.insecure === true || tls.thumbprint !== undefined || tls.caFile !== undefined;
  const file = isDecided ? undefined : tls.trustFile;
  let seen: string | undefined;
  return {
    recall: async () => (await rememberedCertificate(file)) ?? seen,
    remember: async (fingerprint) => {
      if (file === undefined || fingerprint === seen) {
        return;
      }
      try {
        await rememberCertificate(file, fingerprint);
      } catch (error) {
        seen = fingerprint;
        onTrouble(
          `${path.dirname(file)}: ${fileFault(error)}: the certificate of ${viserver} is remembered until vbmcd ends; pin it with viserver_thumbprint`,
        );
      }
    },
  };
}
