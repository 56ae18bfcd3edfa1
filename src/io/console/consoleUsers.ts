/** Who has a console open: in words, and whose it is after everybody had to connect again. */
import type { ConsoleStatus, ConsoleUser } from "./messages.js";

const ways = { sol: "Serial over LAN", terminal: "vbmc console", page: "the page" } as const;

/** User names may come from strangers: none may send commands to a terminal. */
export function describeUser({ kind, user, from }: ConsoleUser): string {
  const text = `${user === "" ? "somebody" : user} (${ways[kind]}${from === "" ? "" : `, ${from}`})`;
  return text.replace(/\p{Cc}/gu, " ");
}

/**
 * Whether a client that has lost its stream and opened another one takes the console back: it was the writer, and one who
 * only watched was faster. Who came meanwhile keeps it.
 * @param before as it was when the stream was lost; `now` as the new stream tells it first
 */
export function wasWriterBefore(before: ConsoleStatus | undefined, { isWriter, writer }: ConsoleStatus): boolean {
  const isSame = (other: ConsoleUser): boolean =>
    other.kind === writer?.kind && other.user === writer.user && other.from === writer.from;
  return before?.isWriter === true && !isWriter && (writer === undefined || before.watchers.some(isSame));
}
