/** From a link's configuration to a session at its server, with the certificate looked at first. */
import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import type { LinkConfiguration } from "../child/messages.js";
import { createHttpClient } from "../vsphere/httpClient.js";
import { openSession, type SessionOptions, type VimSession } from "../vsphere/session.js";
import { createVimClient, type OnCall } from "../vsphere/vimClient.js";
import { parseViserver } from "../vsphere/viserver.js";
import { rememberCertificate, rememberedCertificate } from "./certificateMemory.js";

export interface LoginOptions extends SessionOptions {
  /** Is told of every call in the session. */
  readonly onCall?: OnCall;
  readonly userAgent?: string;
}

/** Throws VimFault, VimTransportError, or the error of a file that cannot be read. */
export async function login(
  configuration: LinkConfiguration,
  { onCall, userAgent, ...options }: LoginOptions,
): Promise<VimSession> {
  const { tls, viserver } = configuration;
  const remembered = await rememberedCertificate(tls.trustFile);
  const http = createHttpClient({
    viserver: parseViserver(viserver),
    trust: { ...tls, needsAuthority: tls.caFile !== undefined, remembered: () => remembered },
    ...(tls.caFile !== undefined && { authorities: [...rootCertificates, await readFile(tls.caFile, "utf8")] }),
    ...(userAgent !== undefined && { userAgent }),
  });
  const session = await openSession(await createVimClient(http, onCall), configuration, options);
  const fingerprint = http.fingerprint();
  if (tls.trustFile !== undefined && fingerprint !== undefined && fingerprint !== remembered) {
    await rememberCertificate(tls.trustFile, fingerprint).catch(async (error: unknown) => {
      await session.logout();
      throw error;
    });
  }
  return session;
}
