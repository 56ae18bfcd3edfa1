/** The diagnostic interrupt: SendNMI where the server has it, else the host's vm-support page with a ticket. */
import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request } from "node:https";
import { MachineError } from "../machine/errors.js";
import { isFault } from "./faults.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";
import { openTlsConnection } from "./tlsConnection.js";
import { isSameFingerprint } from "./trust.js";
import { VimTransportError } from "./vimErrors.js";
import { parseViserver } from "./viserver.js";

const ticketTimeoutMs = 10_000;

/** Throws VimFault, VimTransportError or MachineError. */
export async function sendNmi(session: VimSession, machine: MoRef): Promise<void> {
  try {
    await session.call("SendNMI", machine);
  } catch (error) {
    if (!isFault(error, "NotImplemented", "NotSupported", "MethodNotFound")) {
      throw error;
    }
    await sendNmiByHost(session, machine);
  }
}

/** The way of API versions before 6.0: the interrupt comes about a minute later. */
async function sendNmiByHost(session: VimSession, machine: MoRef): Promise<void> {
  const properties = await readProperties(session, machine, [
    "config.files.vmPathName",
    "config.datastoreUrl",
    "runtime.host",
  ]);
  const host = fromSoap(properties.get("runtime.host"));
  const vmPath = absolutePath(
    textOf(properties.get("config.files.vmPathName")) ?? "",
    listOf(properties.get("config.datastoreUrl"), "VirtualMachineConfigInfoDatastoreUrlPair"),
  );
  if (!host) {
    throw new MachineError("invalidState", "the VM is on no host that could send the interrupt");
  }
  const hostName = textOf((await readProperties(session, host, ["name"])).get("name")) ?? "";
  const query = new URLSearchParams({ manifests: "HungVM:Send_NMI_To_Guest", vm: vmPath });
  const url = `https://${hostName}/cgi-bin/vm-support.cgi?${query.toString()}`;
  const ticket = await session.call("AcquireGenericServiceTicket", session.content.sessionManager, {
    spec: { attributes: { "xsi:type": "vim25:SessionManagerHttpServiceRequestSpec" }, method: "httpGet", url },
  });
  const id = textOf(fieldOf(ticket, "id"));
  if (id === undefined) {
    throw new MachineError("denied", "vCenter gave no ticket for the host's vm-support page");
  }
  const thumbprint = textOf(fieldOf(ticket, "sslThumbprint"));
  if (thumbprint === undefined) {
    throw new MachineError("unsupported", `vCenter does not tell the certificate of the host ${hostName}`);
  }
  await getWithTicket(url, hostName, id, thumbprint);
}

/** `[datastore] folder/vm.vmx` by the datastore's own URL. */
function absolutePath(vmPathName: string, datastores: readonly unknown[]): string {
  const match = /^\[(?<name>[^\]]+)\] (?<file>.*)$/.exec(vmPathName);
  const { name, file } = match?.groups ?? {};
  const pair = datastores.find((candidate) => textOf(fieldOf(candidate, "name")) === name);
  const url = textOf(fieldOf(pair, "url"));
  if (file === undefined || url === undefined) {
    throw new MachineError("unsupported", "the VM's files are on no datastore that the host could name");
  }
  return `${url.replace(/\/$/, "")}/${file}`;
}

/** The ticket is sent only to the host that vCenter names by its certificate. */
async function getWithTicket(url: string, hostName: string, id: string, thumbprint: string): Promise<void> {
  const socket = await openTlsConnection({
    viserver: parseViserver(hostName),
    check: (_socket, certificate) =>
      certificate && isSameFingerprint(thumbprint, certificate)
        ? undefined
        : new VimTransportError("certificate", `the host ${hostName} shows another certificate than vCenter knows`),
  });
  const { pathname, search } = new URL(url);
  const options = { path: pathname + search, headers: { Host: hostName, Cookie: `vmware_cgi_ticket=${id}` } };
  const get = request({ ...options, createConnection: () => socket, signal: AbortSignal.timeout(ticketTimeoutMs) });
  const status = await statusOf(get).catch((error: unknown) => {
    throw new MachineError("unavailable", `the host ${hostName} did not answer: ${(error as Error).message}`);
  });
  if (status !== 200) {
    throw new MachineError("unavailable", `the host ${hostName} answered HTTP ${status} to the diagnostic interrupt`);
  }
}

async function statusOf(get: ClientRequest): Promise<number> {
  get.end();
  const [response] = (await once(get, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode ?? 0;
}
