/**
 * Replies kept for retransmitted requests (IPMI 2.0 §6.12.13, §20 "rqSeq"): clients whose reply was lost or is slow ask
 * again with the same rqSeq in a new session packet; they get the same reply, and nothing runs twice.
 */

/** Clients count rqSeq up and repeat only what is outstanding, so a few are enough. */
const capacity = 4;
/** A client that never counts rqSeq up asks something new after this time, ms. */
const lifetimeMs = 5_000;

interface Entry {
  readonly request: Buffer;
  readonly since: number;
  reply: Buffer | undefined;
}

export interface ReplyCache {
  /** undefined: a new request; "pending": being worked on, its reply will go out once; else the reply. */
  readonly lookUp: (message: Buffer, now: number) => Buffer | "pending" | undefined;
  /** Takes note of a new request; the returned function takes its reply. */
  readonly begin: (message: Buffer, now: number) => (reply: Buffer) => void;
}

export function createReplyCache(): ReplyCache {
  const entries: Entry[] = [];
  return {
    lookUp: (message, now) => {
      const entry = entries.find(({ request, since }) => now - since < lifetimeMs && request.equals(message));
      return entry && (entry.reply ?? "pending");
    },
    begin: (message, now) => {
      const entry: Entry = { request: Buffer.from(message), since: now, reply: undefined };
      entries.push(entry);
      if (entries.length > capacity) {
        entries.shift();
      }
      return (reply) => {
        entry.reply = reply;
      };
    },
  };
}
