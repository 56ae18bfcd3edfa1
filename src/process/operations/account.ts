/** `vbmc account`: accounts of the page and of Redfish for all BMCs. */
import { createSerialQueue } from "../../base/async/serialQueue.js";
import { reasonOf } from "../../base/errors.js";
import type { AccountRequest } from "../../control/messages.js";
import { hashPassword } from "../../io/password/passwordHash.js";
import type { FleetAccount } from "../../model/fleet/summary.js";
import { readAccounts, writeAccounts } from "../../settings/accounts/accountsFile.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { OperationError } from "./operationError.js";

const maxNameLength = 64;
const minPasswordLength = 8;
const maxPasswordLength = 256;

/** Concurrent changes must not overwrite each other. */
const changes = createSerialQueue();

/** `vbmc account list|add|set|delete`: who may use the page and Redfish for all BMCs. Throws OperationError. */
export function changeAccounts(request: AccountRequest, supervisor: Supervisor): Promise<readonly FleetAccount[]> {
  return changes.run(async () => {
    try {
      return await change(request, supervisor);
    } catch (error) {
      throw new OperationError(reasonOf(error));
    }
  });
}

async function change(request: AccountRequest, supervisor: Supervisor): Promise<readonly FleetAccount[]> {
  const { configDir } = supervisor.config;
  const before = readAccounts(configDir);
  if (request.action === "list") {
    return before;
  }
  const after = await changed(before, request);
  await writeAccounts(configDir, after);
  supervisor.renewAccounts();
  return after;
}

/** Throws an Error with one line if it cannot be done. */
async function changed(before: readonly FleetAccount[], request: AccountRequest): Promise<readonly FleetAccount[]> {
  const { action, user_name: userName = "", role, password } = request;
  const known = before.find((account) => account.userName === userName);
  const others = before.filter((account) => account.userName !== userName);
  if (action === "add" && known) {
    throw new Error(`there is an account named ${userName}: change it with vbmc account set ${userName}`);
  }
  if (action !== "add" && !known) {
    throw new Error(`there is no account named ${userName}: vbmc account list shows the existing ones`);
  }
  if (action === "delete") {
    return others;
  }
  checkName(userName);
  if (action === "add" && password === undefined) {
    throw new Error("an account needs a password");
  }
  const hash = password === undefined ? (known?.hash ?? "") : await hashPassword(checkedPassword(password));
  const account = { userName, role: role ?? known?.role ?? "Administrator", hash };
  return [...others, account].sort((a, b) => (a.userName < b.userName ? -1 : 1));
}

function checkName(name: string): void {
  if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name) || name.length > maxNameLength) {
    throw new Error(`a user name must have 1 to ${maxNameLength} ASCII characters, no blanks or colons`);
  }
}

function checkedPassword(password: string): string {
  if (password.length < minPasswordLength || Buffer.byteLength(password) > maxPasswordLength) {
    throw new Error(`a password must have ${minPasswordLength} to ${maxPasswordLength} characters`);
  }
  return password;
}
