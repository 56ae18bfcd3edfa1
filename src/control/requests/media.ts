/** `vbmc media list|insert|eject NAME`: what is in the drives of a VM, and images on their way there. */
import * as v from "valibot";

const slot = v.optional(v.picklist(["cd", "floppy"]), "cd");

export const mediaRequest = v.object({
  command: v.literal("media"),
  action: v.picklist(["list", "insert", "eject"]),
  vm_name: v.string(),
  /** Of insert and eject. */
  slot,
  /** Of insert: a URL, `[datastore] path`, or the absolute path of a file on the daemon's host. */
  image: v.optional(v.string()),
  /** For the image server. */
  username: v.optional(v.string()),
  password: v.optional(v.string()),
  verify_certificate: v.optional(v.boolean()),
  /** Of insert: the VM boots from it at its next start, once. */
  boot_once: v.optional(v.boolean(), false),
});

export type MediaRequest = v.InferOutput<typeof mediaRequest>;
