/** `vbmc account list|add|set|delete`: the accounts for all BMCs. */
import * as v from "valibot";

export const accountRequest = v.object({
  command: v.literal("account"),
  action: v.picklist(["list", "add", "set", "delete"]),
  /** Of all but list. */
  user_name: v.optional(v.string()),
  role: v.optional(v.picklist(["Administrator", "Operator", "ReadOnly"])),
  password: v.optional(v.string()),
});

export type AccountRequest = v.InferOutput<typeof accountRequest>;
