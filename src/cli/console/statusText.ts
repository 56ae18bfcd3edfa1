/** Who is on a console, and whether it is connected, in words. */
import { describeUser } from "../../io/console/consoleUsers.js";
import type { ConsoleStatus } from "../../io/console/messages.js";

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
