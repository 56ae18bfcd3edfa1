/**
 * A vCenter in miniature: a vim25 SOAP server over HTTPS with an inventory of VMs that power on and off. For trying
 * things out without a vCenter, for demonstrations and for tests, which can make it misbehave.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";

import { type Behaviour, usualBehaviour } from "./behaviour.js";
import type { Service } from "./call.js";
import { loadCertificate } from "./certificate.js";
import { type ConnectionCounts, limitConnections } from "./connections.js";
import type { DatastoreDefinition } from "./datastore.js";
import { createFolderAccess, type FolderAccess } from "./folderAccess.js";
import type { Inventory } from "./inventory.js";
import { moveOn, switchTo } from "./powerMethods.js";
import { movedOrCopied } from "./question.js";
import { createRules, type Restoration, type Rules } from "./rules.js";
import { answerScreenPage } from "./screenPage.js";
import { createService } from "./service.js";
import type { Sessions } from "./sessions.js";
import type { PowerState, SimulatedVm, VmDefinition } from "./simulatedVm.js";
import { createSoapEndpoint, type SoapEndpoint } from "./soapEndpoint.js";
import { answerSupportPage } from "./supportPage.js";

export type { Behaviour } from "./behaviour.js";
export { lockedDoor, movedOrCopied, type VmQuestion } from "./question.js";
export type { Permission } from "./permissions.js";
export { networkSerialPort, usualDevices, usualEfiDevices, type VmDevice } from "./devices.js";
export type { SimulatedVm, VmDefinition } from "./simulatedVm.js";

export interface SimulatorOptions {
  readonly address: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** How many, named `vm-01`, `vm-02` …, or each by its definition. */
  readonly vms: number | readonly VmDefinition[];
  /** Names of those with EFI firmware, and the devices that go with it. Unknown names are an Error. */
  readonly efi?: readonly string[];
  /** Names of those whose guests have no VMware Tools. Unknown names are an Error. */
  readonly withoutTools?: readonly string[];
  /** Names of those that ask at their next power-on whether they were moved or copied. Unknown names are an Error. */
  readonly asking?: readonly string[];
  readonly username: string;
  readonly password: string;
  /** false serves plain HTTP. */
  readonly tls: boolean;
  /** Where the certificate is stored between starts; absent: a new one each time. */
  readonly stateDirectory?: string;
  /** Shows a certificate whose time is over. */
  readonly expiredCertificate?: boolean;
  /** The VMs are on the first one; absent: `datastore1` of 100 GiB. */
  readonly datastores?: readonly DatastoreDefinition[];
  /** Plays an ESXi host without vCenter. */
  readonly esxi?: boolean;
  /** What it does differently from the start. */
  readonly behaviour?: Partial<Behaviour>;
}

export interface Simulator {
  /** Ends in `/sdk`. */
  readonly url: string;
  readonly port: number;
  readonly inventory: Inventory;
  readonly sessions: Sessions;
  readonly rules: Rules;
  readonly behaviour: Behaviour;
  /** Calls so far, by method; of files by `PUT /folder` and the like. */
  readonly calls: ReadonlyMap<string, number>;
  readonly connections: ConnectionCounts;
  /** SHA-256 with colons; undefined over plain HTTP. */
  readonly fingerprint: string | undefined;
  /** As by a rule, at once. */
  readonly restore: (restoration: Restoration) => void;
  /** At once and without a task; `poweredOn` resets a VM that is on. */
  readonly switchTo: (vm: SimulatedVm, state: PowerState) => void;
  /** vMotion of a VM to the next host. Rejects with the reason why it fails. */
  readonly move: (vm: SimulatedVm) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Rejects when the port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const definitions = definitionsOf(options);
  const certificate = options.tls
    ? await loadCertificate(options.stateDirectory, options.expiredCertificate === true)
    : undefined;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    // A client that goes away in the middle of its request.
    answer({ service, endpoint, folderAccess, rules, onCall }, request, response).catch(() => response.destroy());
  };
  const server = certificate ? createHttpsServer(certificate, handle) : createHttpServer(handle);
  // A client keeps its connection for as long as it likes: pyVmomi does not open another one where it finds it closed.
  server.keepAliveTimeout = 0;
  server.listen(options.port, options.address);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const hostName = `${options.address.includes(":") ? `[${options.address}]` : options.address}:${port}`;

  const behaviour: Behaviour = { ...usualBehaviour, ...options.behaviour };
  const connections = limitConnections(server, () => behaviour.connectionLimit);
  const timers = createTimers();
  let serverUuid = "6b8f8a5e-0f4b-4f0e-9a53-6f4d6b6f0001";
  const service = createService({
    definitions,
    datastores: options.datastores,
    account: options,
    isEsxi: options.esxi ?? false,
    // An unnamed host does not know its address. The second host, for vMotion, is the same server.
    hostNames: options.esxi === true ? ["localhost.localdomain"] : [hostName, `localhost:${port}`],
    hostAddress: options.address,
    certificate,
    behaviour,
    serverUuid: () => serverUuid,
    later: timers.later,
  });
  const { inventory } = service;
  const rules = createRules();
  const folderAccess = createFolderAccess(service, () => behaviour);
  const calls = new Map<string, number>();
  const onCall = (method: string): void => void calls.set(method, (calls.get(method) ?? 0) + 1);
  const endpoint = createSoapEndpoint({
    service,
    rules,
    restore,
    onCall,
    sessionLimit: () => behaviour.sessionLimit,
    padding: () => behaviour.padding,
  });

  function restore({ references, isAnotherServer = false }: Restoration): void {
    serverUuid = isAnotherServer ? randomUUID() : serverUuid;
    inventory.changeReferences(references);
    service.sessions.expireAll();
  }

  return {
    url: `${certificate ? "https" : "http"}://${hostName}/sdk`,
    port,
    inventory,
    sessions: service.sessions,
    rules,
    behaviour,
    calls,
    connections,
    fingerprint: certificate?.fingerprint256,
    restore,
    switchTo: (vm, state) => switchTo(service, vm, state),
    move: (vm) => moveOn(service, vm),
    close: async () => {
      timers.close();
      service.consoles.close();
      service.tasks.close();
      service.sessions.expireAll();
      const closed = once(server, "close");
      server.close();
      connections.closeAll();
      await closed;
    },
  };
}

interface Routes {
  readonly service: Service;
  readonly endpoint: SoapEndpoint;
  readonly folderAccess: FolderAccess;
  readonly rules: Rules;
  readonly onCall: (method: string) => void;
}

async function answer(
  { service, endpoint, folderAccess, rules, onCall }: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const { pathname, searchParams } = url;
  if (request.method === "POST" && (pathname === "/sdk" || pathname === "/sdk/")) {
    await endpoint.handle(request, response, await bodyOf(request));
  } else if (pathname === "/sdk/vimServiceVersions.xml") {
    response.writeHead(200, { "Content-Type": "text/xml" }).end(serviceVersions);
  } else if (pathname === "/cgi-bin/vm-support.cgi") {
    answerSupportPage(request, response, searchParams, service);
  } else if (pathname === "/screen") {
    onCall("GET /screen");
    answerScreenPage(request, response, searchParams, service);
  } else if (pathname.startsWith("/folder/")) {
    const method = `${request.method ?? "GET"} /folder`;
    onCall(method);
    await folderAccess.handle({ request, response, url }, rules.take(method));
  } else {
    response.writeHead(404).end();
  }
}

interface Timers {
  readonly later: (delayMs: number, step: () => void) => void;
  readonly close: () => void;
}

function createTimers(): Timers {
  const timers = new Set<NodeJS.Timeout>();
  return {
    later: (delayMs, step) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        step();
      }, delayMs);
      timers.add(timer);
    },
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}

function definitionsOf({ vms, efi = [], withoutTools = [], asking = [] }: SimulatorOptions): readonly VmDefinition[] {
  const definitions: readonly VmDefinition[] =
    typeof vms === "number"
      ? Array.from({ length: vms }, (_, index) => ({ name: `vm-${String(index + 1).padStart(2, "0")}` }))
      : vms;
  const names = definitions.map(({ name }) => name);
  const unknown = (wanted: readonly string[]): string | undefined => wanted.find((name) => !names.includes(name));
  if (unknown(withoutTools) !== undefined) {
    throw new Error(`there is no VM ${unknown(withoutTools)} to be without VMware Tools`);
  }
  if (unknown(efi) !== undefined) {
    throw new Error(`there is no VM ${unknown(efi)} to have EFI firmware`);
  }
  if (unknown(asking) !== undefined) {
    throw new Error(`there is no VM ${unknown(asking)} to ask anything`);
  }
  return definitions.map((definition) => ({
    ...definition,
    ...(efi.includes(definition.name) && { firmware: "efi" as const }),
    ...(withoutTools.includes(definition.name) && { toolsRunning: false }),
    ...(asking.includes(definition.name) && { question: movedOrCopied }),
  }));
}

/** What clients read to choose the version of the API that they speak. */
const serviceVersions =
  `<?xml version="1.0" encoding="UTF-8"?><namespaces version="1.0"><namespace><name>urn:vim25</name><version>8.0.2.0</version>` +
  `<priorVersions><version>7.0.3.0</version><version>6.7.3</version><version>6.5</version><version>6.0</version>` +
  `</priorVersions></namespace></namespaces>`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    body += String(chunk);
  }
  return body;
}
