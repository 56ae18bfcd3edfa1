/** Forwards requests of the fleet's service to the BMCs' children, and their answers back. */
import type { FleetRole } from "../../../model/fleet/summary.js";
import type { ToChild } from "../../ipc/child.js";
import type { Exchanged, FromWeb } from "../../ipc/web.js";
import type { ChildAnswer } from "../bmcChild.js";

export interface Exchanges {
  /** Never rejects. */
  readonly exchange: (request: Extract<FromWeb, { type: "exchange" }>) => Promise<Exchanged>;
  /** The BMCs that have this account; those that do not answer in time are omitted. */
  readonly rolesOf: (names: readonly string[], userName: string, proof: string) => Promise<Roles>;
  readonly onAnswer: (answer: ChildAnswer) => void;
  /** A BMC has stopped: its requests get no answer. */
  readonly onStopped: (name: string) => void;
}

export type Roles = readonly (readonly [string, FleetRole])[];

/** Longer than the longest wait of an action, after which a task is returned. */
const exchangeTimeoutMs = 60_000;
const roleTimeoutMs = 3_000;

interface Pending {
  readonly name: string;
  /** undefined: there is no answer. */
  readonly settle: (answer: ChildAnswer | undefined) => void;
}

/** @param ask sends to the child of a running BMC; false: it is not running */
export function createExchanges(ask: (name: string, message: ToChild) => boolean): Exchanges {
  const pending = new Map<number, Pending>();
  let lastId = 0;

  function request(
    name: string,
    toMessage: (id: number) => ToChild,
    timeoutMs: number,
  ): Promise<ChildAnswer | undefined> {
    const id = ++lastId;
    return new Promise((resolve) => {
      const settle = (answer: ChildAnswer | undefined): void => {
        clearTimeout(timer);
        pending.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(undefined), timeoutMs);
      pending.set(id, { name, settle });
      if (!ask(name, toMessage(id))) {
        settle(undefined);
      }
    });
  }

  return {
    exchange: async ({ vmName, request: wire, caller }) => {
      const toMessage = (id: number): ToChild => ({ type: "exchange", id, vmName, request: wire, caller });
      const answer = await request(vmName, toMessage, exchangeTimeoutMs);
      return answer?.type === "exchanged"
        ? answer.exchanged
        : { fault: `the BMC is not running: start it with vbmc start ${vmName}` };
    },
    rolesOf: async (names, userName, proof) => {
      const answers = await Promise.all(
        names.map(async (vmName) => {
          const toMessage = (id: number): ToChild => ({ type: "askRole", id, vmName, userName, proof });
          const answer = await request(vmName, toMessage, roleTimeoutMs);
          const role = answer?.type === "role" ? answer.role : undefined;
          return role === undefined ? [] : [[vmName, role] as const];
        }),
      );
      return answers.flat();
    },
    onAnswer: (answer) => pending.get(answer.id)?.settle(answer),
    onStopped: (name) => {
      for (const each of [...pending.values()]) {
        if (each.name === name) {
          each.settle(undefined);
        }
      }
    },
  };
}
