/** Sends the diagnostic interrupt: SendNMI if the server has it, else the host's vm-support page with a ticket. */
import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request } from "node:https";
import { isIP } from "node:net";

import { MachineError } from "../model/machine/errors.js";
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

/** @param viserver the server of the session. Throws VimFault, VimTransportError or MachineError. */
export async function sendNmi(session: VimSession, machine: MoRef, viserver: string): Promise<void> {
  try {
    await session.call("SendNMI", machine);
  } catch (error) {
    if (!isFault(error, "NotImplemented", "NotSupported", "MethodNotFound")) {
      throw error;
    }
    await sendNmiByHost(session, machine, viserver);
  }
}

/** For API versions before 6.0: the interrupt arrives about a minute later. */
async function sendNmiByHost(session: VimSession, machine: MoRef, viserver: string): Promise<void> {
  const properties = await readProperties(session, machine, [
    "config.files.vmPathName",
    "config.datastoreUrl",
    "runtime.host",
    "runtime.powerState",
  ]);
  if (textOf(properties.get("runtime.powerState")) !== "poweredOn") {
    throw new MachineError("invalidState", "the VM is off: a diagnostic interrupt needs one that is on");
  }
  const vmPath = absolutePath(
    textOf(properties.get("config.files.vmPathName")) ?? "",
    listOf(properties.get("config.datastoreUrl"), "VirtualMachineConfigInfoDatastoreUrlPair"),
  );
  const { address, thumbprint: known } = await pageOf(session, fromSoap(properties.get("runtime.host")), viserver);
  const query = new URLSearchParams({ manifests: "HungVM:Send_NMI_To_Guest", vm: vmPath });
  const url = `https://${address}/cgi-bin/vm-support.cgi?${query.toString()}`;
  const ticket = await session.call("AcquireGenericServiceTicket", session.content.sessionManager, {
    spec: { attributes: { "xsi:type": "vim25:SessionManagerHttpServiceRequestSpec" }, method: "httpGet", url },
  });
  const id = textOf(fieldOf(ticket, "id"));
  if (id === undefined) {
    throw new MachineError("denied", "vCenter gave no ticket for the host's vm-support page");
  }
  const thumbprint = known ?? textOf(fieldOf(ticket, "sslThumbprint"));
  await getWithTicket(url, address, id, thumbprint);
}

/**
 * The address of the vm-support page, and the certificate known for it. A host without vCenter is reached at its
 * configured address: it may not know its own name.
 */
async function pageOf(
  session: VimSession,
  host: MoRef | undefined,
  viserver: string,
): Promise<{ readonly address: string; readonly thumbprint: string | undefined }> {
  if (session.content.isHost) {
    const { host: name, port } = parseViserver(viserver);
    const address = `${isIP(name) === 6 ? `[${name}]` : name}:${port}`;
    return { address, thumbprint: session.fingerprint() };
  }
  if (!host) {
    throw new MachineError("invalidState", "the VM has no host that could send the interrupt");
  }
  const address = textOf((await readProperties(session, host, ["name"])).get("name")) ?? "";
  return { address, thumbprint: undefined };
}

/** Resolves `[datastore] folder/vm.vmx` by the datastore's URL, else by the link that hosts keep under its name. */
function absolutePath(vmPathName: string, datastores: readonly unknown[]): string {
  const match = /^\[(?<name>[^\]]+)\] (?<file>.*)$/.exec(vmPathName);
  const { name, file } = match?.groups ?? {};
  if (name === undefined || file === undefined) {
    throw new MachineError("unsupported", "vSphere does not report where the VM's files are");
  }
  const pair = datastores.find((candidate) => textOf(fieldOf(candidate, "name")) === name);
  const url = textOf(fieldOf(pair, "url")) ?? `/vmfs/volumes/${name}`;
  return `${url.replace(/\/$/, "")}/${file}`;
}

/**
 * Sends the ticket only to the host whose certificate vCenter names; without a thumbprint "the host must be
 * authenticated by name" (SessionManagerGenericServiceTicket).
 */
async function getWithTicket(url: string, hostName: string, id: string, thumbprint: string | undefined): Promise<void> {
  const socket = await openTlsConnection({
    viserver: parseViserver(hostName),
    check: ({ authorized }, certificate) => {
      const isTrusted =
        thumbprint === undefined ? authorized : certificate !== undefined && isSameFingerprint(thumbprint, certificate);
      const why =
        thumbprint === undefined
          ? "one from an unknown authority"
          : "a certificate other than the one that vCenter knows";
      return isTrusted ? undefined : new VimTransportError("certificate", `the host ${hostName} shows ${why}`);
    },
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
