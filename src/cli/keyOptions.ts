/** Options that are made of the table of a BMC's keys. */
import type { Command } from "commander";

import { type KeyOption, keyOptions } from "../settings/store/keyOptions.js";
import { toInteger } from "./numbers.js";

type Use = "add" | "set";

const rows = Object.entries(keyOptions) as readonly (readonly [key: string, option: KeyOption])[];

export function addKeyOptions(command: Command, use: Use): Command {
  for (const [key, { value, isInteger, [use]: description }] of rows) {
    const flags = `${flagOf(key)} <${value}>`;
    if (description !== undefined && isInteger === true) {
      command.option(flags, description, use === "set" ? toIntegerOrNone : toInteger);
    } else if (description !== undefined) {
      command.option(flags, description);
    }
  }
  return command;
}

/** The flags of these options, such as `--vm-uuid`. */
export function keyFlags(use: Use): string[] {
  return rows.flatMap(([key, option]) => (option[use] === undefined ? [] : [flagOf(key)]));
}

/** The values given, by the names of the keys; '' stands for none. */
export function keyFields(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const given = rows.map(([key]) => [key, options[attributeOf(key)]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function flagOf(key: string): string {
  return `--${key.replaceAll("_", "-")}`;
}

/** As commander names it: `vmUuid`. */
function attributeOf(key: string): string {
  return key.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

function toIntegerOrNone(text: string): number | "" {
  return text === "" ? "" : toInteger(text);
}
