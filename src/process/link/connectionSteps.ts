/** The steps of a diagnosis from here to a session: server, certificate, login. */
import { isFault, isLoginRefused, loginRefusal, toMachineError } from "../../vsphere/faults.js";
import { readCertificate } from "../../vsphere/tlsConnection.js";
import { expiry } from "../../vsphere/trust.js";
import { VimFault, VimTransportError } from "../../vsphere/vimErrors.js";
import { parseViserver } from "../../vsphere/viserver.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { DiagnosisStep } from "../ipc/question.js";
import { CertificateMemoryError, rememberedCertificate } from "./certificateMemory.js";
import { stepOf } from "./diagnosisStep.js";
import { AuthoritiesError } from "./login.js";
import { untried } from "./loginPacing.js";

/** Steps for a connected server. */
export async function certificateStep({ viserver, tls }: LinkConfiguration): Promise<DiagnosisStep> {
  if (tls.insecure === true) {
    const remedy = "check it again with vbmc set NAME --no-viserver-insecure, or pin it with --viserver-thumbprint …";
    return stepOf(
      "certificate",
      "warning",
      `any certificate of ${viserver} is accepted (viserver_insecure): ${remedy}`,
    );
  }
  const how =
    tls.thumbprint !== undefined
      ? "it is the one that viserver_thumbprint pins"
      : `trusted; SHA-256 ${(await rememberedCertificate(tls.trustFile)) ?? "not remembered"}`;
  const expired = await readCertificate(parseViserver(viserver)).then(expiry, () => undefined);
  return expired === undefined
    ? stepOf("certificate", "ok", how)
    : stepOf("certificate", "warning", `${how}; it ${expired}: renew it in vSphere`);
}

/** The step at which the connection failed, and those before it. */
export function failedWay(error: unknown, configuration: LinkConfiguration): DiagnosisStep[] {
  const { viserver } = configuration;
  const reached = stepOf("vCenter", "ok", `${viserver} answers`);
  const trusted = stepOf("certificate", "ok", "trusted");
  const { message } = toMachineError(error);
  if (error instanceof VimFault) {
    return [reached, trusted, stepOf("vCenter login", "failed", failedLogin(error, configuration))];
  }
  if (error instanceof VimTransportError && error.problem === "certificate") {
    return [reached, stepOf("certificate", "failed", message)];
  }
  if (error instanceof VimTransportError && error.problem === "protocol") {
    return [stepOf("vCenter", "failed", message)];
  }
  if (error instanceof CertificateMemoryError) {
    return [stepOf("certificate", "failed", message)];
  }
  if (error instanceof AuthoritiesError) {
    const remedy = "give a readable PEM file with vbmc set --viserver-cafile …";
    return [stepOf("certificate", "failed", `${message}: ${remedy}`)];
  }
  return [stepOf("vCenter", "failed", `${message}: check the address, the network, and whether the server is running`)];
}

function failedLogin(error: VimFault, configuration: LinkConfiguration): string {
  const { viserver, username } = configuration;
  const { message } = error;
  if (isFault(error, "InvalidLogin") && !isFault(error, "PasswordExpired")) {
    const remedy = "correct them with vbmc set --viserver-username … --viserver-password …";
    return `${viserver} refuses user name or password of ${username}: ${remedy}${untried(error)}`;
  }
  return isLoginRefused(error) ? loginRefusal(error, configuration) : `${message}: check the log of ${viserver}`;
}
