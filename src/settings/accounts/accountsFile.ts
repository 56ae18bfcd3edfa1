/** The accounts for all BMCs, kept in config_dir/accounts.json: names, roles, hashes of passwords. */
import path from "node:path";

import * as v from "valibot";

import { isErrno } from "../../base/errors.js";
import { replaceFile } from "../../io/files/atomicWrite.js";
import { fileFault } from "../../io/files/errno.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import type { FleetAccount } from "../../model/fleet/summary.js";

const fileName = "accounts.json";
/** Bytes. */
const maxFileSize = 1_024 * 1_024;

export const accountRoles = ["Administrator", "Operator", "ReadOnly"] as const;

const accountSchema = v.object({
  userName: v.string(),
  role: v.picklist(accountRoles),
  hash: v.string(),
});

const fileSchema = v.object({ accounts: v.array(accountSchema) });

/** @throws Error with one line that names the file and what is wrong with it */
export function readAccounts(configDir: string): readonly FleetAccount[] {
  const file = path.join(configDir, fileName);
  try {
    return v.parse(fileSchema, JSON.parse(readRegularFile(file, maxFileSize).toString())).accounts;
  } catch (error) {
    if (isErrno(error, "ENOENT")) {
      return [];
    }
    const reason =
      error instanceof SyntaxError || v.isValiError(error) ? "is damaged: restore or remove it" : fileFault(error);
    throw new Error(`${file} ${reason}`);
  }
}

/** Replaces the file, mode 0600. Rejects with one line that names it. */
export async function writeAccounts(configDir: string, accounts: readonly FleetAccount[]): Promise<void> {
  const file = path.join(configDir, fileName);
  try {
    await replaceFile(file, `${JSON.stringify({ accounts }, undefined, 2)}\n`);
  } catch (error) {
    throw new Error(`${file}: ${fileFault(error)}`);
  }
}
