/** How the console of a BMC stands, in words. */
import type { ConsoleUser } from "../../io/console/messages.js";
import type { Supervisor } from "../supervisor/supervisor.js";

/** One word for a table: undefined where the BMC has none. */
export function consoleWord(name: string, { consoles }: Supervisor): string | undefined {
  if (consoles.modeOf(name) === undefined) {
    return undefined;
  }
  const state = consoles.stateOf(name);
  if (state === undefined) {
    return consoles.fault === undefined ? "unknown" : "error";
  }
  return state.connectedSince === undefined ? "disconnected" : "connected";
}

/** A line for `show`. */
export function consoleLine(name: string, supervisor: Supervisor): string | undefined {
  const { consoles } = supervisor;
  const word = consoleWord(name, supervisor);
  const state = consoles.stateOf(name);
  if (word === undefined || state === undefined) {
    return word === "error" ? `error: ${consoles.fault ?? ""}` : word;
  }
  const { connectedSince, from = "", isEncrypted, lastError } = state;
  return connectedSince === undefined
    ? `disconnected${lastError === undefined ? "" : `: ${lastError}`}`
    : `connected since ${connectedSince} from ${from}${isEncrypted === true ? " with TLS" : " in clear text"}`;
}

/** Who has it open, whoever types first. */
export function consoleUsers(name: string, { consoles }: Supervisor): string | undefined {
  const { writer, watchers = [] } = consoles.stateOf(name) ?? {};
  const users = [...(writer ? [describe(writer)] : []), ...watchers.map((user) => `${describe(user)} watches`)];
  return users.length === 0 ? undefined : users.join(", ");
}

const ways = { sol: "Serial over LAN", terminal: "vbmc console", page: "the page" } as const;

function describe({ kind, user, from }: ConsoleUser): string {
  return `${user} (${ways[kind]}${from === "" ? "" : `, ${from}`})`;
}
