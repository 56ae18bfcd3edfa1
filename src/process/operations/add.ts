import type { AddRequest, ControlResponse } from "../../control/messages.js";
import { addFault } from "../../control/validation.js";
import type { StoredChanges } from "../../settings/store/bmcStore.js";
import { Addresses, type Place } from "../supervisor/addresses.js";
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
  const fault = addFault(request);
  if (fault !== undefined) {
    return { rc: 1, msg: [fault] };
  }
  const { vm_name: name } = request;
  try {
    if (store.read(name) === undefined) {
      const place = placeOf(request);
      const conflict = (await Addresses.read(store, hostNames, [place])).conflict(place);
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

/** Where a BMC that is asked for will listen. */
export function placeOf({ address, port, redfish_port: redfishPort }: AddRequest): Place {
  return { address, port, redfishPort };
}

/** What the file of a new BMC holds. */
export function toStoredValues(request: AddRequest): StoredChanges {
  return {
    vm_name: request.vm_name,
    vm_uuid: request.vm_uuid ?? undefined,
    username: request.username,
    password: request.password,
    port: String(request.port),
    address: request.address,
    fakemac: request.fakemac?.replaceAll("-", ":") ?? defaultFakemac(request.vm_name),
    viserver: request.viserver ?? undefined,
    viserver_username: request.viserver_username ?? undefined,
    viserver_password: request.viserver_password ?? undefined,
    active: "False",
    kg: request.kg,
    viserver_thumbprint: request.viserver_thumbprint,
    viserver_cafile: request.viserver_cafile,
    viserver_insecure: request.viserver_insecure === true ? "True" : undefined,
    redfish_port: request.redfish_port === undefined ? undefined : String(request.redfish_port),
  };
}
