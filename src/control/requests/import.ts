/** `vbmc import`: many BMCs in one message. */
import * as v from "valibot";

import { importEntries } from "../bmcEntries.js";

const optionalText = v.optional(v.string());

const importedBmc = v.object({
  /** The BMC's name in commands; absent: vm_name. */
  name: optionalText,
  ...importEntries,
  active: v.optional(v.boolean(), false),
  /** Keys of the file that vbmcd does not know. */
  other: v.optional(v.record(v.string(), v.string())),
});

export const importRequest = v.object({
  command: v.literal("import"),
  bmcs: v.array(importedBmc),
  first_port: v.pipe(v.number(), v.integer()),
  /** Adds all BMCs or none. */
  atomic: v.boolean(),
});

export type ImportedBmc = v.InferOutput<typeof importedBmc>;
export type ImportedField = keyof ImportedBmc;

/** The fields of a listed BMC, in the order of an exported file. */
export const importedFields = Object.keys(importedBmc.entries) as readonly ImportedField[];

/** "string", "boolean" or "number". */
export function typeOfField(field: ImportedField): string {
  const entry = importedBmc.entries[field];
  return "wrapped" in entry ? entry.wrapped.type : entry.type;
}
export type ImportRequest = v.InferOutput<typeof importRequest>;
