/** Who may use SOL: parameter 2 says from which privilege on (IPMI 2.0 §26.3), payload access which users (§24.6). */
import { solPayloadAccess } from "../../../../model/bmc/users/user.js";
import type { CommandContext } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";

export const payloadDisabled = 0x81;

/** Throws 81h or D4h. */
export function requireSolAccess({ bmc, session }: Pick<CommandContext, "bmc" | "session">): void {
  const { isEnabled, privilegeLevel } = bmc.sol.kept();
  if (!bmc.console) {
    throw new CompletionError(payloadDisabled, "the BMC has no console: see docs/console.md");
  }
  if (!isEnabled) {
    throw new CompletionError(payloadDisabled, "SOL parameter 1 disables it");
  }
  const user = session && bmc.users.find(session.userId);
  if (!user || (user.payloadAccess & solPayloadAccess) === 0) {
    throw new CompletionError(payloadDisabled, "the user has no access to SOL");
  }
  if (session.privilege < privilegeLevel) {
    throw new CompletionError(completionCode.insufficientPrivilege, `SOL needs privilege level ${privilegeLevel}`);
  }
}
