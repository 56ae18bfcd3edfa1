import type { AddRequest, ControlResponse } from "../../control/messages.js";
import { validateAdd } from "../../control/validation.js";
import { fileText, keyOrder } from "../../settings/store/bmcKeys.js";
import type { StoredChanges } from "../../settings/store/bmcStore.js";
import { type Place, readAddresses } from "../supervisor/addresses.js";
import { defaultFakemac } from "../supervisor/desiredBmc.js";
import type { HostNames } from "../supervisor/hostNames.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { toText } from "./names.js";

/** `vbmc add NAME`: writes a new BMC, which is not active. */
export async function addBmc(
  request: AddRequest,
  { store }: Supervisor,
  hostNames: HostNames,
): Promise<ControlResponse> {
  const fault = validateAdd(request);
  if (fault !== undefined) {
    return { rc: 1, msg: [fault] };
  }
  const { vm_name: name } = request;
  try {
    if (store.read(name) === undefined) {
      const place = placeOf(request);
      const conflict = (await readAddresses(store, hostNames, [place])).conflict(place);
      if (conflict !== undefined) {
        return { rc: 1, msg: [conflict] };
      }
    }
    await store.add(name, toStoredValues(request));
    return { rc: 0, msg: [] };
  } catch (error) {
    return { rc: 1, msg: [toText(error)] };
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
