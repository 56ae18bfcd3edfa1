/** Opens a session from a link's configuration, after checking the certificate. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { rootCertificates } from "node:tls";

import { defined } from "../../base/defined.js";
import { fileFault } from "../../io/files/errno.js";
import { checkRegular } from "../../io/files/regularFile.js";
import { createHttpClient } from "../../vsphere/httpClient.js";
import { openSession, type VimSession } from "../../vsphere/session.js";
import type { SessionOptions } from "../../vsphere/sessionLogin.js";
import { createVimClient, type OnCall } from "../../vsphere/vimClient.js";
import { parseViserver } from "../../vsphere/viserver.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { CertificateMemory } from "./certificateMemory.js";

export interface LoginOptions extends SessionOptions {
  /** Absent: the certificate is not stored. */
  readonly certificates?: CertificateMemory;
  /** Called after every call of the session. */
  readonly onCall?: OnCall;
  readonly userAgent?: string;
}

/** Many times the size of a system's own list, bytes. */
const maxAuthoritiesBytes = 16 * 1024 * 1024;

/** The file of viserver_cafile is unusable; the message is one line without a remedy. */
export class AuthoritiesError extends Error {
  override readonly name = "AuthoritiesError";
}

/** Throws VimFault, VimTransportError, AuthoritiesError, or why the certificate seen first cannot be read. */
export async function login(
  configuration: LinkConfiguration,
  { certificates, onCall, userAgent, ...options }: LoginOptions,
): Promise<VimSession> {
  const { tls, viserver } = configuration;
  const remembered = await certificates?.recall();
  const http = createHttpClient({
    viserver: parseViserver(viserver),
    trust: { ...tls, needsAuthority: tls.caFile !== undefined, remembered: () => remembered },
    ...defined({
      authorities: tls.caFile === undefined ? undefined : [...rootCertificates, await readAuthorities(tls.caFile)],
      userAgent,
    }),
  });
  const session = await openSession(await createVimClient(http, onCall), configuration, options);
  const fingerprint = http.fingerprint();
  if (fingerprint !== undefined && fingerprint !== remembered) {
    await certificates?.remember(fingerprint);
  }
  return session;
}

/** Does not block if the file is a pipe. Rejects with AuthoritiesError. */
async function readAuthorities(file: string): Promise<string> {
  const text = await readText(file).catch((error: unknown) => {
    throw new AuthoritiesError(`viserver_cafile ${file} cannot be read: ${fileFault(error)}`);
  });
  if (!text.includes("-----BEGIN ")) {
    throw new AuthoritiesError(`viserver_cafile ${file} contains no certificate in PEM form`);
  }
  return text;
}

async function readText(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    checkRegular(await handle.stat(), maxAuthoritiesBytes);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}
