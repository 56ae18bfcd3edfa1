/** Accepts the server's current certificate instead of the stored one. Nothing is sent to the server. */
import { defined } from "../../base/defined.js";
import { MachineError } from "../../model/machine/errors.js";
import { readCertificate } from "../../vsphere/tlsConnection.js";
import { isSameFingerprint } from "../../vsphere/trust.js";
import { parseViserver } from "../../vsphere/viserver.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import { rememberCertificate, rememberedCertificate } from "./certificateMemory.js";

export interface TrustedCertificate {
  /** SHA-256, with colons. */
  readonly trusted: string;
  /** The one that was stored before. */
  readonly former?: string;
}

/** `expected` is the fingerprint that the user has verified. Throws MachineError or VimTransportError. */
export async function trustCertificate(
  { viserver, tls }: LinkConfiguration,
  expected: string | undefined,
): Promise<TrustedCertificate> {
  const decidedBy =
    tls.thumbprint !== undefined
      ? "viserver_thumbprint"
      : tls.caFile !== undefined
        ? "viserver_cafile"
        : tls.insecure === true
          ? "viserver_insecure"
          : undefined;
  if (decidedBy !== undefined || tls.trustFile === undefined) {
    throw new MachineError(
      "invalidState",
      `trust is configured by ${decidedBy ?? "other settings"}: change it with vbmc set`,
    );
  }
  const certificate = await readCertificate(parseViserver(viserver));
  if (expected !== undefined && !isSameFingerprint(expected, certificate)) {
    const { fingerprint256 } = certificate;
    throw new MachineError(
      "denied",
      `${viserver} shows another certificate: SHA-256 ${fingerprint256}; nothing was changed`,
    );
  }
  // Replaces an unusable one.
  const former = await rememberedCertificate(tls.trustFile).catch(() => undefined);
  await rememberCertificate(tls.trustFile, certificate.fingerprint256);
  return defined({ trusted: certificate.fingerprint256, former });
}
