/** `vbmc add`: stores a new BMC. */
import type { AddRequest } from "../../control/messages.js";
import { validateAdd } from "../../control/validation.js";
import { fileText, keyOrder } from "../../settings/store/bmcKeys.js";
import type { BmcStore, StoredChanges } from "../../settings/store/bmcStore.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import { type Place, readAddresses } from "../supervisor/addresses.js";
import { defaultFakemac } from "../supervisor/desiredBmc.js";
import type { HostNames } from "../supervisor/hostNames.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { OperationError } from "./operationError.js";

/** `vbmc add NAME`: writes a new BMC, which is not active. Throws OperationError or StoreError. */
export async function addBmc(request: AddRequest, { store }: Supervisor, hostNames: HostNames): Promise<StoredBmc> {
  const problem = validateAdd(request);
  if (problem !== undefined) {
    throw new OperationError(problem);
  }
  const { vm_name: name } = request;
  if (store.read(name) === undefined) {
    await requirePlace(placeOf(request), store, hostNames);
  }
  return store.add(name, toStoredValues(request));
}

/**
 * Throws OperationError when another BMC is in the way of one that listens there.
 * @param except a BMC whose own address does not count
 */
export async function requirePlace(
  place: Place,
  store: BmcStore,
  hostNames: HostNames,
  except?: string,
): Promise<void> {
  const conflict = (await readAddresses(store, hostNames, [place], except)).conflict(place);
  if (conflict !== undefined) {
    throw new OperationError(conflict);
  }
}

/** Where a requested BMC will listen. */
export function placeOf({ address, port, redfish_port: redfishPort }: AddRequest): Place {
  return { address, port, redfishPort };
}

/** The content of a new BMC's file. */
export function toStoredValues(request: AddRequest): StoredChanges {
  const keys = keyOrder.filter((key) => key !== "active");
  return {
    ...Object.fromEntries(keys.map((key) => [key, fileText(request[key])])),
    fakemac: request.fakemac?.replaceAll("-", ":") ?? defaultFakemac(request.vm_name),
    active: "False",
  };
}
