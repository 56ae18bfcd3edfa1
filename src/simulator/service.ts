/** What the methods of one simulated server work with: its inventory, sessions and tasks, as its behaviour has them. */
import type { Behaviour } from "./behaviour.js";
import type { Service } from "./call.js";
import type { Certificate } from "./certificate.js";
import { createCollectors } from "./collectors.js";
import type { DatastoreDefinition } from "./datastore.js";
import { createInventory } from "./inventory.js";
import { licenceObject } from "./licences.js";
import { serviceContent } from "./methods.js";
import { isGranted } from "./permissions.js";
import { switchTo } from "./powerMethods.js";
import { createConsoles } from "./serial/consoles.js";
import { createSessions } from "./sessions.js";
import type { VmDefinition } from "./simulatedVm.js";
import { createTasks } from "./tasks.js";
import { dateTime, type Reference } from "./value.js";

export interface ServiceOptions {
  readonly definitions: readonly VmDefinition[];
  /** The VMs are on the first one; absent: the usual one. */
  readonly datastores: readonly DatastoreDefinition[] | undefined;
  readonly account: { readonly username: string; readonly password: string };
  readonly isEsxi: boolean;
  /** Under which the hosts are reached. */
  readonly hostNames: readonly string[];
  /** Where serial ports of VMs listen. */
  readonly hostAddress: string;
  readonly certificate: Certificate | undefined;
  readonly behaviour: Behaviour;
  readonly serverUuid: () => string;
  readonly later: (delayMs: number, step: () => void) => void;
}

export function createService(options: ServiceOptions): Service {
  const { account, behaviour, certificate, definitions, hostAddress, hostNames, isEsxi } = options;
  const inventory = createInventory(
    definitions,
    hostNames,
    { isDatastoreUrlTold: () => behaviour.tellsDatastoreUrl, enabledRuleSets: () => behaviour.firewallRuleSets },
    options.datastores,
  );
  const tasks = createTasks(inventory.objects, () => behaviour.taskDurationMs);
  const mayDo = (object: Reference, privilege: string): boolean =>
    !behaviour.withheldPrivileges.has(privilege) && isGranted(inventory, behaviour.permissions, object, privilege);
  inventory.objects.add(
    licenceObject(() => ({ isFree: behaviour.freeLicence, hasSerialPorts: behaviour.serialLicence })),
  );
  const service: Service = {
    inventory,
    sessions: createSessions(account, () => ({
      afterFailures: behaviour.lockAfterFailures,
      lockedMs: behaviour.lockedMs,
    })),
    tasks,
    listViews: new Map(),
    collectors: createCollectors(
      inventory.objects,
      () => behaviour.xsiPrefix,
      () => behaviour.pageLimit,
      (object) => mayDo(object, "System.Read"),
    ),
    isEsxi,
    serverUuid: options.serverUuid,
    tickets: new Map(),
    thumbprint: certificate?.fingerprint,
    guestShutdownMs: () => behaviour.guestShutdownMs,
    isGranted: mayDo,
    hasFreeLicence: () => behaviour.freeLicence,
    isLockedDown: () => behaviour.lockdown,
    refusesBootOrderWhileOn: () => behaviour.refusesBootOrderWhileOn,
    powerOffEndsQuestion: () => behaviour.powerOffEndsQuestion,
    questionPatienceMs: () => behaviour.questionPatienceMs,
    guestsHoldCdrom: () => behaviour.guestsHoldCdrom,
    consoles: createConsoles({
      inventory,
      behaviour: () => behaviour,
      hostAddress,
      certificate,
      onPower: (vm, what) => {
        if (vm.powerState === "poweredOn") {
          switchTo(service, vm, what === "off" ? "poweredOff" : "poweredOn");
        }
      },
    }),
    later: options.later,
    xsi: () => behaviour.xsiPrefix,
  };
  inventory.objects.add({
    reference: { type: "ServiceInstance", id: "ServiceInstance" },
    properties: () => ({ content: serviceContent(service), serverClock: dateTime(new Date()) }),
  });
  return service;
}
