/** `vbmc trust`: accepts a vCenter's certificate. */
import { defined } from "../../base/defined.js";
import type { TrustRequest } from "../../control/messages.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { askAccount, routeOf } from "./configuredBmc.js";

/** Shorter than any client waits, ms; a connection that is not there by then will not be. */
const timeoutMs = 4_500;

export interface TrustedCertificate {
  /** As configured. */
  readonly viserver: string;
  /** SHA-256 with colons. */
  readonly fingerprint: string | undefined;
  /** The one that was trusted before. */
  readonly former: string | undefined;
}

/** `vbmc trust NAME`: lets the link of the BMC's account remember the certificate that its server shows now. */
export async function trustCertificate(request: TrustRequest, supervisor: Supervisor): Promise<TrustedCertificate> {
  const { vm_name: name, fingerprint } = request;
  const route = routeOf(name, supervisor);
  const question = { name: "trust" as const, ...defined({ fingerprint }) };
  const answer = await askAccount(supervisor, route, question, timeoutMs);
  const { viserver } = route.configuration;
  const { trusted, former } = "trusted" in answer ? answer : {};
  return { viserver, fingerprint: trusted, former };
}
