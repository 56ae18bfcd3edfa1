/** Shared by all commands that change a user. */
import { isDeepStrictEqual } from "node:util";

import { canLogIn, nullUserId } from "../../../../model/bmc/users/user.js";
import { changed, LastAdministratorError, type UserChange } from "../../../../model/bmc/users/users.js";
import type { CommandContext } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { invalidField } from "../../requestData.js";
import { userWithId } from "./userId.js";

/**
 * Resolves once the change is stored and in force: sessions that the user may no longer have are ended. The last
 * administrator cannot be removed (D5h), and the null user stays disabled (CCh).
 */
export async function changeUser(id: number, change: UserChange, context: CommandContext): Promise<undefined> {
  const before = userWithId(id, context);
  if (isDeepStrictEqual(changed(before, change), before)) {
    context.bmc.badPasswords.clearFailures(id);
    return;
  }
  if (id === nullUserId) {
    throw invalidField("user 1 is the null user, which cannot be changed");
  }
  await context.bmc.users.change(id, change).catch((error: unknown) => {
    throw error instanceof LastAdministratorError
      ? new CompletionError(completionCode.notSupportedInPresentState, error.message)
      : error;
  });
  // Table 23-4, parameter 26: changing a user also enables it again after a lockout by bad passwords.
  context.bmc.badPasswords.clearFailures(id);
  const user = userWithId(id, context);
  const hasNewSecret = !user.password.equals(before.password) || user.name !== before.name;
  for (const session of context.sessions.active()) {
    // The session that changes its own password stays open.
    const isOutdated = hasNewSecret && session.id !== context.session?.id;
    if (session.userId === id && (!canLogIn(user) || session.maximumPrivilege > user.privilegeLimit || isOutdated)) {
      context.sessions.dismiss(session.id);
    }
  }
}
