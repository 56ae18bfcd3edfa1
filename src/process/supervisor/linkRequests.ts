/** Requests to a vCenter link, matched to their responses. */
import type { MachineOperationResult } from "../../model/machine/operation.js";
import type { AccountAnswer } from "../ipc/question.js";

type Response = MachineOperationResult | AccountAnswer;

/** Time allowed to a link beyond the caller's timeout, before its response is given up, ms. */
const graceMs = 500;

export interface LinkRequests {
  /** Resolves with the response, or with a failure shortly after `timeoutMs`. */
  readonly request: <Expected extends Response>(send: (id: number) => void, timeoutMs: number) => Promise<Expected>;
  /** The response has arrived; it is dropped if its caller no longer waits. */
  readonly settle: (id: number, response: Response) => void;
  /** No response will arrive. */
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
          settle(failure("timedOut", `the vCenter link did not respond within ${timeoutMs} ms`));
        }, timeoutMs + graceMs);
        pending.set(id, settle);
        send(id);
      }),
    settle: (id, response) => pending.get(id)?.(response),
    failAll: (message) => [...pending.values()].forEach((settle) => settle(failure("unavailable", message))),
  };
}

/** A response of either kind that reports the failure. */
export function failure(kind: "unavailable" | "timedOut", message: string) {
  return { ok: false, kind, message } as const;
}
