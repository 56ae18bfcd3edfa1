/** How the console of a BMC stands, in words. */
import { describeUser } from "../../io/console/consoleUsers.js";
import type { ConsoleState } from "../ipc/console.js";
import type { Supervisor } from "../supervisor/supervisor.js";

/** What is known of the console of a BMC. */
export interface ConsoleOverview {
  /** Why none can be reached: of the process that serves all of them. */
  readonly problem: string | undefined;
  /** Undefined while nothing has been reported. */
  readonly state: ConsoleState | undefined;
}

/** Undefined where the BMC has none. */
export function consoleOf(name: string, { consoles }: Supervisor): ConsoleOverview | undefined {
  return consoles.modeOf(name) === undefined ? undefined : { problem: consoles.fault, state: consoles.stateOf(name) };
}

/** One word for a table. */
export function consoleWord(console: ConsoleOverview | undefined): string | undefined {
  if (console === undefined) {
    return undefined;
  }
  const { problem, state } = console;
  if (state === undefined) {
    return problem === undefined ? "unknown" : "error";
  }
  return state.connectedSince === undefined ? "disconnected" : "connected";
}

/** A line for `show`. */
export function consoleLine(console: ConsoleOverview | undefined): string | undefined {
  const word = consoleWord(console);
  if (console?.state === undefined) {
    return word === "error" ? `error: ${console?.problem ?? ""}` : word;
  }
  const { connectedSince, from = "", isEncrypted, lastError } = console.state;
  return connectedSince === undefined
    ? `disconnected${lastError === undefined ? "" : `: ${lastError}`}`
    : `connected since ${connectedSince} from ${from}${isEncrypted === true ? " with TLS" : " in clear text"}`;
}

/** Who has it open, the writer first. */
export function consoleUsers(console: ConsoleOverview | undefined): string | undefined {
  const { writer, watchers = [] } = console?.state ?? {};
  const users = [...(writer ? [describeUser(writer)] : []), ...watchers.map((user) => `${describeUser(user)} watches`)];
  return users.length === 0 ? undefined : users.join(", ");
}
