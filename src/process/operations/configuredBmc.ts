/** From the name of a BMC to what its file says, and to its vSphere account. */
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import type { AccountAnswer, AccountQuestion } from "../ipc/question.js";
import { type LinkRoute, toRoute } from "../supervisor/desiredBmc.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { notFound } from "./names.js";
import { OperationError } from "./operationError.js";

/** Throws OperationError when there is none of that name, or its file is invalid. */
export function configuredBmc(name: string, supervisor: Supervisor): StoredBmc {
  const entry = supervisor.store.read(name);
  if (entry === undefined) {
    throw new OperationError(notFound(name, supervisor));
  }
  if ("fault" in entry) {
    throw new OperationError(`${name} cannot be read: ${entry.fault}`);
  }
  return entry.bmc;
}

/** The account that the BMC uses, and its VM there; the BMC need not run. Throws OperationError without an account. */
export function routeOf(name: string, supervisor: Supervisor): LinkRoute {
  const route = toRoute(configuredBmc(name, supervisor), supervisor.store.folder(name), supervisor.config);
  if (!("key" in route)) {
    throw new OperationError(route.reason);
  }
  return route;
}

/** Asks an account; throws OperationError with the reason where it cannot answer. */
export async function askAccount(
  supervisor: Supervisor,
  account: Omit<LinkRoute, "machine">,
  question: AccountQuestion,
  timeoutMs: number,
): Promise<Extract<AccountAnswer, { readonly ok: true }>> {
  const answer = await supervisor.ask(account, question, timeoutMs);
  if (!answer.ok) {
    throw new OperationError(answer.message);
  }
  return answer;
}
