/** `vbmc set`: changes the values of a BMC. */
import { isDeepStrictEqual } from "node:util";

import type { SerialQueue } from "../../base/async/serialQueue.js";
import { defined } from "../../base/defined.js";
import type { AddRequest, SetRequest } from "../../control/messages.js";
import { validateAdd } from "../../control/validation.js";
import { bmcKeys, fileText, keyOrder, type StoredKey } from "../../settings/store/bmcKeys.js";
import type { StoredChanges } from "../../settings/store/bmcStore.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import { defaultFakemac } from "../supervisor/desiredBmc.js";
import type { HostNames } from "../supervisor/hostNames.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { placeOf, requirePlace } from "./add.js";
import { answerTimeoutMs, notFound } from "./names.js";
import { OperationError } from "./operationError.js";
import { failureText } from "./start.js";

/**
 * `vbmc set NAME`: changes a BMC in place; one that runs is restarted. Resolves when it listens again, or with "starting"
 * when that takes long. Throws OperationError or StoreError.
 * @param addressQueue makes the change while no other command takes addresses
 */
export async function setBmc(
  request: SetRequest,
  supervisor: Supervisor,
  addressQueue: SerialQueue,
  hostNames: HostNames,
): Promise<"done" | "starting"> {
  const { name, active } = await addressQueue.run(() => change(request, supervisor, hostNames));
  if (!active) {
    return "done";
  }
  await supervisor.whenUp(name, answerTimeoutMs(undefined, supervisor));
  const failure = failureText(name, supervisor);
  if (failure !== undefined && supervisor.running.get(name)?.state === "error") {
    throw new OperationError(`the change is written, but ${failure}`);
  }
  return failure === undefined ? "done" : "starting";
}

/** Writes the change and begins the restart. */
async function change(request: SetRequest, supervisor: Supervisor, hostNames: HostNames): Promise<StoredBmc> {
  const { store } = supervisor;
  const name = request.vm_name;
  const entry = store.read(name);
  if (entry === undefined) {
    throw new OperationError(notFound(name, supervisor));
  }
  if ("fault" in entry) {
    throw new OperationError(`${entry.fault}: correct the file first`);
  }
  const changed = withChanges(entry.bmc, request);
  const problem = validateAdd(changed);
  if (problem !== undefined) {
    throw new OperationError(`${problem}; nothing was changed`);
  }
  const place = placeOf(changed);
  const { address, port, redfishPort } = entry.bmc;
  if (!isDeepStrictEqual(place, { address, port, redfishPort })) {
    await requirePlace(place, store, hostNames, name);
  }
  const bmc = await store.update(name, toChanges(request, entry.bmc));
  if (bmc.active) {
    supervisor.clearBackoff(name);
    await supervisor.reconcileSoon();
  }
  return bmc;
}

type ChangeableKey = Exclude<StoredKey, "active" | "vm_name">;

const changeableKeys = keyOrder.filter((key): key is ChangeableKey => key !== "active" && key !== "vm_name");

/** The BMC after the change, as if it were added. */
function withChanges(bmc: StoredBmc, changes: SetRequest): AddRequest {
  const entries = changeableKeys.map((key): [string, unknown] => {
    const value = changes[key] === undefined ? currentValue(bmc, key) : changes[key];
    return [key, value ?? (bmcKeys[key].presence === "nullable" ? null : undefined)];
  });
  return { ...defined(Object.fromEntries(entries)), command: "add", vm_name: bmc.name } as AddRequest;
}

/** Text as in the file; numbers and flags parsed. */
function currentValue(bmc: StoredBmc, key: ChangeableKey): string | number | boolean | undefined {
  const { type, field } = bmcKeys[key];
  const value = bmc[field];
  return (type === "text" && value !== undefined) || typeof value === "object" ? bmc.values.get(key) : value;
}

function toChanges(request: SetRequest, { vmName }: StoredBmc): StoredChanges {
  const { fakemac } = request;
  const changed = changeableKeys.filter((key) => request[key] !== undefined);
  return {
    ...Object.fromEntries(changed.map((key) => [key, fileText(request[key])])),
    ...defined({
      fakemac: fakemac === undefined ? undefined : (fakemac?.replaceAll("-", ":") ?? defaultFakemac(vmName)),
    }),
  };
}
