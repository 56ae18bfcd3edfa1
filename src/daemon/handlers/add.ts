import { SocketAddress, isIPv6 } from "node:net";
import type { AddRequest, ControlResponse } from "../../control/messages.js";
import { addFault } from "../../control/validation.js";
import type { StoredChanges } from "../../store/bmcStore.js";
import { defaultFakemac } from "../desiredBmc.js";
import type { Supervisor } from "../supervisor.js";
import { toText } from "./perName.js";

/** `vbmc add NAME`: writes a new BMC, which is not active. Adds run one after the other: two may want the same port. */
export class AddHandler {
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly supervisor: Supervisor) {}

  handle(request: AddRequest): Promise<ControlResponse> {
    const turn = this.#last.then(() => this.#add(request));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #add(request: AddRequest): Promise<ControlResponse> {
    const { store } = this.supervisor;
    const fault = addFault(request);
    if (fault !== undefined) return { rc: 1, msg: [fault] };
    try {
      const other =
        store.read(request.vm_name) === undefined ? this.#ownerOf(request.address, request.port) : undefined;
      if (other !== undefined) {
        return { rc: 1, msg: [`Address ${request.address} port ${request.port} is already configured for ${other}`] };
      }
      await store.add(request.vm_name, toValues(request));
      return { rc: 0, msg: [] };
    } catch (error) {
      return { rc: 1, msg: [toText(error)] };
    }
  }

  /** Name of the BMC that has this address and port. */
  #ownerOf(address: string, port: number): string | undefined {
    const wanted = canonical(address);
    return [...this.supervisor.store.list()]
      .filter(([, entry]) => "bmc" in entry && entry.bmc.port === port && canonical(entry.bmc.address) === wanted)
      .map(([name]) => name)
      .sort()[0];
  }
}

/** One text for each address, however it is written. */
function canonical(address: string): string {
  try {
    return new SocketAddress({ address, family: isIPv6(address) ? "ipv6" : "ipv4" }).address;
  } catch {
    return address;
  }
}

function toValues(request: AddRequest): StoredChanges {
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
  };
}
