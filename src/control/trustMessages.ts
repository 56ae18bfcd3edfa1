/** `vbmc trust NAME`: the certificate that the viserver of a BMC shows now is the right one. */
import * as v from "valibot";

export const trustRequest = v.object({
  command: v.literal("trust"),
  vm_name: v.string(),
  /** The fingerprint that the certificate must have, SHA-256 or SHA-1; absent: whatever it has. */
  fingerprint: v.optional(v.string()),
});

export type TrustRequest = v.InferOutput<typeof trustRequest>;
