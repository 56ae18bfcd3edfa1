/** The simulator's own certificate: made once, and kept between starts so that clients that pinned it go on working. */
import { X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { generate } from "selfsigned";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** SHA-1 and SHA-256 with colons, as vSphere and openssl show them. */
  readonly fingerprint: string;
  readonly fingerprint256: string;
}

const fileName = "simulator.pem";
const expiredFileName = "simulator-expired.pem";
const years = 10;
const dayMs = 24 * 60 * 60 * 1_000;

/** Stored in `directory` (mode 0600), or created if missing. */
export async function loadCertificate(directory: string | undefined, isExpired: boolean): Promise<Certificate> {
  const file = directory === undefined ? undefined : path.join(directory, isExpired ? expiredFileName : fileName);
  const kept = file === undefined ? undefined : await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) {
    return toCertificate(kept);
  }
  const made = await makePem(isExpired);
  if (directory !== undefined && file !== undefined) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(file, made, { mode: 0o600 });
  }
  return toCertificate(made);
}

async function makePem(isExpired: boolean): Promise<string> {
  const notBeforeDate = new Date(Date.now() - 2 * dayMs);
  const notAfterDate = new Date(Date.now() - dayMs);
  if (!isExpired) {
    notAfterDate.setFullYear(notAfterDate.getFullYear() + years);
  }
  const { private: key, cert } = await generate([{ name: "commonName", value: "vbmc4vsphere simulator" }], {
    notBeforeDate,
    notAfterDate,
    keyType: "ec",
    algorithm: "sha256",
  });
  return `${key}\n${cert}`;
}

function toCertificate(pem: string): Certificate {
  const { fingerprint, fingerprint256 } = new X509Certificate(pem);
  return { key: pem, cert: pem, fingerprint, fingerprint256 };
}
