/** The reply to `vbmc trust`. */
import type { ControlResponse } from "../../control/messages.js";
import type { TrustedCertificate } from "../operations/trust.js";
import { properties } from "./properties.js";

export function renderTrust({ viserver, fingerprint, former }: TrustedCertificate): ControlResponse {
  return properties(Object.entries({ viserver, fingerprint: fingerprint ?? null, former: former ?? null }));
}
