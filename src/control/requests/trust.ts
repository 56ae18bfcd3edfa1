/** `vbmc trust NAME`: trusts the certificate that the BMC's viserver shows now. */
import * as v from "valibot";

export const trustRequest = v.object({
  command: v.literal("trust"),
  vm_name: v.string(),
  /** The SHA-256 or SHA-1 fingerprint that the certificate must have; absent: any. */
  fingerprint: v.optional(v.string()),
});

export type TrustRequest = v.InferOutput<typeof trustRequest>;
