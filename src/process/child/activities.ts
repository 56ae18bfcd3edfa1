/** Describes what clients did to a BMC, or attempted, for `vbmc events`. */
import { defined } from "../../base/defined.js";
import { specHex } from "../../base/hex.js";
import type { LoginFailure } from "../../model/bmc/users/loginFailures.js";
import { recordKind, recordOrigin, recordText } from "../../model/sel/recordText.js";
import type { AbandonedLogin, SeenCommand } from "../../protocol/ipmi/observer.js";
import type { SeenRequest } from "../../protocol/redfish/handler.js";
import type { BmcActivity } from "../ipc/child.js";

/** undefined for a command that only reads. */
export function describeCommand({
  change,
  completionCode,
  source,
  user,
  reason,
}: SeenCommand): BmcActivity | undefined {
  if (change === undefined) {
    return undefined;
  }
  const failure = completionCode === 0 ? "" : `: failed with completion code ${specHex(completionCode)}`;
  const text = `${change}${failure}${reason === undefined ? "" : `, ${reason}`}`;
  return defined({ kind: "command", source, user, text });
}

/** undefined for a request that only reads, or logs out. */
export function describeRequest({
  change,
  status,
  source,
  user,
  reason,
  resource,
}: SeenRequest): BmcActivity | undefined {
  if (change === undefined || resource?.includes("/SessionService/Sessions") === true) {
    return undefined;
  }
  const failure = status < 400 ? "" : `: failed with HTTP status ${status}`;
  const text = `Redfish ${change}${failure}${reason === undefined ? "" : `, ${reason}`}`;
  return defined({ kind: "command", source, user, text });
}

export function describeFailure({ source, user, reason, disablesUser }: LoginFailure): BmcActivity {
  const text = `login refused: ${reason}${disablesUser ? "; the user is now disabled" : ""}`;
  return defined({ kind: "login", source, user: user?.name, text });
}

export function describeAbandoned({ source, user }: AbandonedLogin): BmcActivity {
  return { kind: "login", source, user, text: "login aborted by the console: most likely a wrong password" };
}

/** undefined for a record that another event already reports in more detail. */
export function describeRecord(record: Buffer, at: number): BmcActivity | undefined {
  return isReportedOtherwise(record) ? undefined : { kind: "sel", at, text: recordText(record) };
}

function isReportedOtherwise(record: Buffer): boolean {
  const origin = recordOrigin(record);
  switch (recordKind(record)) {
    case "bmcStarted":
    case "loginFailed":
    case "selCleared":
    case "question":
      return true;
    // The effects of a command are reported by the command, or by the link if it fails late.
    case "operationFailed":
      return origin === "command" || origin === undefined;
    case "other":
      return false;
  }
}
