/** Who is on a console, and whether it is connected, in words. */
import type { ConsoleStatus, ConsoleUser } from "../../io/console/messages.js";

const ways = { sol: "Serial over LAN", terminal: "vbmc console", page: "the page" } as const;

/** User names may come from strangers: none may send commands to the terminal. */
export function describeUser({ kind, user, from }: ConsoleUser): string {
  const text = `${user === "" ? "somebody" : user} (${ways[kind]}${from === "" ? "" : `, ${from}`})`;
  return text.replace(/\p{Cc}/gu, " ");
}

/** What has changed, one sentence each. */
export function describeChange(
  before: ConsoleStatus | undefined,
  { connected, isWriter, writer, watchers }: ConsoleStatus,
  mayWrite: boolean,
): string[] {
  const texts: string[] = [];
  if (before?.connected !== connected) {
    texts.push(
      connected ? "the VM's serial port is connected" : "the VM's serial port is not connected; waiting for it",
    );
  }
  const formerWriter = before?.writer === undefined ? "" : describeUser(before.writer);
  const nextWriter = writer === undefined ? "" : describeUser(writer);
  if (isWriter && before?.isWriter === false) {
    texts.push(
      formerWriter === "" || formerWriter === nextWriter ? "you type now" : `you type now, not ${formerWriter}`,
    );
  } else if (!isWriter && (before?.isWriter !== false || formerWriter !== nextWriter)) {
    const who = nextWriter === "" ? "nobody types" : `${nextWriter} types`;
    texts.push(`${who}; you watch${mayWrite ? ", ~t takes over" : ""}`);
  }
  const others = watchers.map(describeUser).join(", ");
  if (others !== (before?.watchers ?? []).map(describeUser).join(", ")) {
    texts.push(others === "" ? "nobody else watches" : `also watching: ${others}`);
  }
  return texts;
}
