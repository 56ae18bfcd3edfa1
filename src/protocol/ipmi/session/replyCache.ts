/**
 * Replies kept for retransmitted requests (IPMI 2.0 §6.12.13, §20 "rqSeq"): clients whose reply was lost or is slow ask
 * again with the same rqSeq in a new session packet; they get the same reply, and nothing runs twice.
 */

/** Clients count rqSeq up and repeat only what is outstanding, so a few replies are enough. */
const repliesKept = 4;
/** Requests of one session that are being worked on at a time; more are told that the node is busy. */
const pendingAtMost = 16;
/** A client that never counts rqSeq up asks something new after this time, ms. */
const lifetimeMs = 5_000;

interface Answered {
  readonly request: Buffer;
  readonly since: number;
  readonly reply: Buffer;
}

export interface ReplyCache {
  /** undefined: a new request; "pending": being worked on, its reply will go out once; else the reply. */
  readonly lookUp: (message: Buffer, now: number) => Buffer | "pending" | undefined;
  /** Takes note of a new request; the returned function takes its reply. undefined: too many are being worked on. */
  readonly begin: (message: Buffer) => ((reply: Buffer, now: number) => void) | undefined;
}

export function createReplyCache(): ReplyCache {
  const answered: Answered[] = [];
  /** Never forgotten for newer ones: what is still at work must not run again. */
  const pending = new Set<Buffer>();

  function isPending(message: Buffer): boolean {
    for (const request of pending) {
      if (areSame(request, message)) {
        return true;
      }
    }
    return false;
  }

  return {
    lookUp: (message, now) => {
      if (isPending(message)) {
        return "pending";
      }
      for (const { request, since, reply } of answered) {
        if (now - since < lifetimeMs && areSame(request, message)) {
          return reply;
        }
      }
      return undefined;
    },
    begin: (message) => {
      if (pending.size >= pendingAtMost) {
        return undefined;
      }
      const request = Buffer.from(message);
      pending.add(request);
      return (reply, now) => {
        pending.delete(request);
        answered.push({ request, since: now, reply });
        if (answered.length > repliesKept) {
          answered.shift();
        }
      };
    },
  };
}

/** The last byte is a checksum over rqSeq and command: requests that differ mostly differ in it, which is quickly seen. */
function areSame(request: Buffer, message: Buffer): boolean {
  return request[request.length - 1] === message[message.length - 1] && request.equals(message);
}
