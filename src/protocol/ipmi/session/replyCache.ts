/**
 * Caches replies for retransmitted requests (IPMI 2.0 §6.12.13, §20 "rqSeq"): a client whose reply was lost or is slow
 * repeats the request, with the same rqSeq in a new session packet. It gets the same reply, and nothing runs twice.
 */

/** Clients increment rqSeq and only repeat outstanding requests, so a few replies are enough. */
const repliesKept = 4;
/** Maximum requests of one session in progress; for more, the node is busy. */
const pendingAtMost = 16;
/** After this time the same rqSeq is a new request, for clients that never increment it, ms. */
const lifetimeMs = 5_000;

interface Answered {
  readonly request: Buffer;
  readonly since: number;
  readonly reply: Buffer;
}

export interface ReplyCache {
  /** undefined: a new request; "pending": in progress, its reply will be sent once; else the reply. */
  readonly lookUp: (message: Buffer, now: number) => Buffer | "pending" | undefined;
  /** Registers a new request and returns the function that takes its reply; undefined if too many are in progress. */
  readonly begin: (message: Buffer) => ((reply: Buffer, now: number) => void) | undefined;
}

export function createReplyCache(): ReplyCache {
  const answered: Answered[] = [];
  /** Never evicted by newer ones: a request in progress must not run again. */
  const pending: Buffer[] = [];

  return {
    lookUp: (message, now) => {
      if (pending.some((request) => areSame(request, message))) {
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
      if (pending.length >= pendingAtMost) {
        return undefined;
      }
      const request = Buffer.from(message);
      pending.push(request);
      return (reply, now) => {
        pending.splice(pending.indexOf(request), 1);
        answered.push({ request, since: now, reply });
        if (answered.length > repliesKept) {
          answered.shift();
        }
      };
    },
  };
}

/** The last byte is a checksum over rqSeq and command, so it usually differs first: a quick test. */
function areSame(request: Buffer, message: Buffer): boolean {
  return request[request.length - 1] === message[message.length - 1] && request.equals(message);
}
