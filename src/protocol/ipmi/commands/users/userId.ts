/** User IDs in requests (IPMI 2.0 §22.26): bits [5:0]. */
import type { User } from "../../../../model/bmc/users/user.js";
import type { CommandContext } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";

export function decodeUserId(byte: number): number {
  return byte & 0x3f;
}

/** The user with this number; throws C9h for 0 and for numbers above the last. */
export function userWithId(id: number, { bmc }: Pick<CommandContext, "bmc">): User {
  const user = bmc.users.find(id);
  if (!user) {
    throw new CompletionError(completionCode.parameterOutOfRange, `user ID ${id}`);
  }
  return user;
}
