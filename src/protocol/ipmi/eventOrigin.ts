/** The session that gave a command, for the SEL. */
import type { EventOrigin } from "../../model/bmc/events/events.js";
import type { CommandContext } from "./command.js";

export function originOf({ session, remote }: Pick<CommandContext, "session" | "remote">): EventOrigin {
  return { by: "command", userId: session?.userId ?? 0, address: remote.address };
}
