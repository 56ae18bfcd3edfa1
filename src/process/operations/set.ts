import { isDeepStrictEqual } from "node:util";

import type { SerialQueue } from "../../base/async/serialQueue.js";
import type { AddRequest, ControlResponse, SetRequest } from "../../control/messages.js";
import { addFault } from "../../control/validation.js";
import type { StoredChanges } from "../../settings/store/bmcStore.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import { Addresses } from "../supervisor/addresses.js";
import { defaultFakemac } from "../supervisor/desiredBmc.js";
import type { HostNames } from "../supervisor/hostNames.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { placeOf } from "./add.js";
import { answerBoundMs, notFound, toText } from "./names.js";
import { failureText } from "./start.js";

/**
 * `vbmc set NAME`: changes a BMC in place; one that runs is restarted, and the answer waits until it listens again, or
 * says that it is still starting.
 * @param addressQueue makes the change while no other command takes addresses
 */
export async function setBmc(
  request: SetRequest,
  supervisor: Supervisor,
  addressQueue: SerialQueue,
  hostNames: HostNames,
): Promise<ControlResponse> {
  const changed = await addressQueue.run(() => change(request, supervisor, hostNames));
  if (!("bmc" in changed)) {
    return changed;
  }
  const { name, active } = changed.bmc;
  if (!active) {
    return { rc: 0, msg: [] };
  }
  await supervisor.whenUp(name, answerBoundMs(undefined, supervisor));
  const failure = failureText(name, supervisor);
  if (failure === undefined) {
    return { rc: 0, msg: [] };
  }
  if (supervisor.running.get(name)?.state === "error") {
    return { rc: 1, msg: [`the change is written, but ${failure}`] };
  }
  return { rc: 0, msg: [`${name} is still starting; see vbmc list`], pending: [name] };
}

/** Writes the change and begins the restart. */
async function change(
  request: SetRequest,
  supervisor: Supervisor,
  hostNames: HostNames,
): Promise<ControlResponse | { readonly bmc: StoredBmc }> {
  const { store } = supervisor;
  const name = request.vm_name;
  const entry = store.read(name);
  if (entry === undefined) {
    return { rc: 1, msg: [notFound(name, supervisor)] };
  }
  if ("fault" in entry) {
    return { rc: 1, msg: [`${entry.fault}: correct the file first`] };
  }
  const changed = withChanges(entry.bmc, request);
  const fault = addFault(changed);
  if (fault !== undefined) {
    return { rc: 1, msg: [`${fault}; nothing was changed`] };
  }
  const place = placeOf(changed);
  const { address, port, redfishPort } = entry.bmc;
  if (!isDeepStrictEqual(place, { address, port, redfishPort })) {
    const addresses = await Addresses.read(store, hostNames, [place], name);
    const conflict = addresses.conflict(place);
    if (conflict !== undefined) {
      return { rc: 1, msg: [conflict] };
    }
  }
  try {
    const bmc = await store.update(name, toChanges(request, entry.bmc));
    if (bmc.active) {
      supervisor.forgive(name);
      await supervisor.soon();
    }
    return { bmc };
  } catch (error) {
    return { rc: 1, msg: [toText(error)] };
  }
}

/** The BMC after the change, as it would be added. */
function withChanges(bmc: StoredBmc, changes: SetRequest): AddRequest {
  const { values } = bmc;
  const optional = (key: RemovableKey): string | null => {
    const change = changes[key];
    return change === undefined ? (values.get(key) ?? null) : change;
  };
  const ifThere = (key: RemovableKey): Record<string, string> => {
    const value = optional(key);
    return value === null ? {} : { [key]: value };
  };
  const redfishPort = changes.redfish_port === undefined ? (bmc.redfishPort ?? null) : changes.redfish_port;
  return {
    command: "add",
    vm_name: bmc.name,
    username: changes.username ?? bmc.username,
    password: changes.password ?? bmc.password,
    port: changes.port ?? bmc.port,
    address: changes.address ?? bmc.address,
    fakemac: optional("fakemac"),
    vm_uuid: optional("vm_uuid"),
    viserver: optional("viserver"),
    viserver_username: optional("viserver_username"),
    viserver_password: optional("viserver_password"),
    ...ifThere("kg"),
    ...ifThere("viserver_thumbprint"),
    ...ifThere("viserver_cafile"),
    viserver_insecure: changes.viserver_insecure ?? bmc.viserverInsecure ?? false,
    ...(redfishPort !== null && { redfish_port: redfishPort }),
  };
}

const removableKeys = [
  "vm_uuid",
  "kg",
  "viserver",
  "viserver_username",
  "viserver_password",
  "viserver_thumbprint",
  "viserver_cafile",
] as const;

type RemovableKey = (typeof removableKeys)[number] | "fakemac";

function toChanges(request: SetRequest, { vmName }: StoredBmc): StoredChanges {
  const { username, password, port, address, fakemac, viserver_insecure: insecure } = request;
  const { redfish_port: redfishPort } = request;
  const removable = removableKeys.filter((key) => request[key] !== undefined);
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(port === undefined ? {} : { port: String(port) }),
    ...(address === undefined ? {} : { address }),
    ...(fakemac === undefined ? {} : { fakemac: fakemac?.replaceAll("-", ":") ?? defaultFakemac(vmName) }),
    ...Object.fromEntries(removable.map((key) => [key, request[key] ?? undefined])),
    ...(insecure === undefined ? {} : { viserver_insecure: insecure ? "True" : undefined }),
    ...(redfishPort === undefined ? {} : { redfish_port: redfishPort === null ? undefined : String(redfishPort) }),
  };
}
