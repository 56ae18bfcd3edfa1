/** The effective configuration of daemon and command line: virtualbmc.conf with every default filled in. */
import type { SectionFields, SectionName } from "./schema.js";

/** The keys of `[default]` are its own fields; each other section is an object of its keys. */
export type Config = SectionFields<"default"> & {
  readonly [S in Exclude<SectionName, "default">]: SectionFields<S>;
} & {
  /** The file that was read; undefined when none exists. */
  readonly file: string | undefined;
  /** One line per key or section that was not understood; for the log and for stderr. */
  readonly warnings: readonly string[];
};

/** Errors in virtualbmc.conf, one line per problem with file and key. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
