/** Requests to a vCenter link, matched to their responses. */
import type { MachineOperationResult } from "../../model/machine/operation.js";
import type { AccountAnswer } from "../../model/machine/question.js";

type Response = MachineOperationResult | AccountAnswer;

/** What a link gets beyond the time that the asker waits, before its answer is given up, ms. */
const graceMs = 500;

export interface LinkRequests {
  /** Resolves with the response, or with a failure after `timeoutMs` and a little. */
  readonly request: <Expected extends Response>(send: (id: number) => void, timeoutMs: number) => Promise<Expected>;
  /** The response has arrived; one that nobody waits for any more is dropped. */
  readonly settle: (id: number, response: Response) => void;
  /** No response will come. */
  readonly failAll: (message: string) => void;
}

export function createLinkRequests(): LinkRequests {
  const pending = new Map<number, (response: Response) => void>();
  let lastId = 0;
  return {
    request: <Expected extends Response>(send: (id: number) => void, timeoutMs: number) =>
      new Promise<Expected>((resolve) => {
        const id = ++lastId;
        const settle = (response: Response): void => {
          clearTimeout(timer);
          pending.delete(id);
          resolve(response as Expected);
        };
        const timer = setTimeout(() => {
          settle(failure("timedOut", `the vCenter link gave no answer within ${timeoutMs} ms`));
        }, timeoutMs + graceMs);
        pending.set(id, settle);
        send(id);
      }),
    settle: (id, response) => pending.get(id)?.(response),
    failAll: (message) => [...pending.values()].forEach((settle) => settle(failure("unavailable", message))),
  };
}

/** A response of either kind that says that there is none. */
export function failure(kind: "unavailable" | "timedOut", message: string) {
  return { ok: false, kind, message } as const;
}
