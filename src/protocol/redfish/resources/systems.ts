/** DSP0268 "ComputerSystem 1.27.0": the VM. */
import { maxAssetTagLength } from "../../../model/bmc/identity/asset.js";
import { restorePolicy } from "../../../model/bmc/power/chassis.js";
import { restartCause } from "../../../model/bmc/power/restartCause.js";
import type { MachineSnapshot } from "../../../model/machine/snapshot.js";
import { boolean, oneOf, orNull, text } from "../checks.js";
import { type JsonObject, link, objectOf, textOf } from "../json.js";
import { message } from "../messages.js";
import { RedfishError } from "../redfishError.js";
import { rootUri } from "../representation.js";
import { defineCollection, defineResource, fromFacts, type Visit } from "../resource.js";
import { bootOf, bootWritable, writeBoot } from "./boot.js";
import {
  biosVersionOf,
  chassisUri,
  encodeAssetTag,
  identityFacts,
  identityOf,
  managerUri,
  statusOf,
  systemUri,
} from "./identity.js";
import { partStatus } from "./parts.js";
import { resetSystem } from "./reset.js";
import { solPortOf, systemSerialConsole } from "./serialConsole.js";

const systemCollection = defineCollection({
  uri: `${rootUri}/Systems`,
  of: "ComputerSystem",
  name: "Computer System Collection",
  entity: "ComputerSystemCollection",
  ids: () => ["1"],
});

const restorePolicies = {
  AlwaysOff: restorePolicy.alwaysOff,
  LastState: restorePolicy.previous,
  AlwaysOn: restorePolicy.alwaysOn,
} as const;

const system = defineResource({
  uri: `${rootUri}/Systems/{systemId}`,
  type: "ComputerSystem.v1_27_0.ComputerSystem",
  entity: "ComputerSystem",
  // Clients poll it.
  ...fromFacts(factsOf, render),
  writable: {
    AssetTag: orNull(text({ maxBytes: maxAssetTagLength })),
    Boot: bootWritable,
    LocationIndicatorActive: boolean,
    PowerRestorePolicy: oneOf(Object.keys(restorePolicies)),
  },
  write: async (changes, visit) => {
    const { AssetTag, Boot, LocationIndicatorActive, PowerRestorePolicy } = changes;
    const { bmc } = visit;
    await writeBoot(Boot, visit);
    if (AssetTag !== undefined) {
      await writeAssetTag(textOf(AssetTag), visit);
    }
    if (PowerRestorePolicy !== undefined) {
      await bmc.chassis.setRestorePolicy(restorePolicies[PowerRestorePolicy as keyof typeof restorePolicies]);
    }
    if (LocationIndicatorActive !== undefined) {
      bmc.chassis.identify(LocationIndicatorActive === true ? Infinity : 0);
    }
  },
  actions: { "ComputerSystem.Reset": resetSystem },
});

function factsOf(visit: Visit) {
  const { bmc, machine } = visit;
  const { snapshot, uuid, biosUuid, assetTag } = identityFacts(visit);
  return {
    snapshot,
    uuid,
    biosUuid,
    assetTag,
    vmName: bmc.vmName,
    powerState: machine.powerState(),
    bootOverride: bmc.bootFlags.read(),
    restartCause: bmc.chassis.restartCause(),
    restorePolicy: bmc.chassis.restorePolicy(),
    cycleIntervalSeconds: bmc.chassis.cycleIntervalSeconds(),
    isIdentified: bmc.chassis.identifyState() !== "off",
    solPort: solPortOf(bmc),
  };
}

async function render(facts: ReturnType<typeof factsOf>): Promise<JsonObject> {
  const { snapshot } = facts;
  // Rejects while the state is stale: clients would act on a guess.
  const [powerState, bootOverride] = await Promise.all([facts.powerState, facts.bootOverride]);
  return {
    Id: "1",
    Name: snapshot?.name ?? facts.vmName,
    SystemType: "Virtual",
    ...identityOf(facts),
    BiosVersion: biosVersionOf(snapshot),
    HostName: snapshot?.guestHostName ?? null,
    // A suspended VM counts as off: clients know no other state.
    PowerState: powerState === "poweredOn" ? "On" : "Off",
    Status: statusOf(snapshot ?? { powerState }),
    BootProgress: { LastState: bootProgress(snapshot ?? { powerState }) },
    Boot: bootOf(bootOverride, snapshot?.firmware),
    LastResetTime: snapshot?.bootTime,
    LastResetCause: resetCauses[facts.restartCause],
    PowerRestorePolicy: Object.entries(restorePolicies).find(([, value]) => value === facts.restorePolicy)?.[0],
    PowerCycleDelaySeconds: facts.cycleIntervalSeconds,
    LocationIndicatorActive: facts.isIdentified,
    ...summaries(snapshot ?? {}),
    ...partLinks(snapshot ?? {}),
    // The screen is vSphere's.
    GraphicalConsole: { ServiceEnabled: false },
    SerialConsole: systemSerialConsole(facts.solPort),
    LogServices: link(`${systemUri}/LogServices`),
    VirtualMedia: link(`${systemUri}/VirtualMedia`),
    Links: { Chassis: [link(chassisUri)], ManagedBy: [link(managerUri)] },
  };
}

/** What caused the machine's last start; unknown if that was before the BMC's. */
const resetCauses: Readonly<Record<number, string>> = {
  [restartCause.unknown]: "Unknown",
  [restartCause.chassisControl]: "ManagementCommand",
  [restartCause.watchdog]: "WatchdogExpiration",
  [restartCause.restoreAlwaysOn]: "PowerRestorePolicy",
  [restartCause.restorePrevious]: "PowerRestorePolicy",
};

function bootProgress({ powerState, toolsRunning }: MachineSnapshot): string {
  return powerState !== "poweredOn" ? "None" : toolsRunning ? "OSRunning" : "OSBootStarted";
}

/** From pushed state: reading a System does not query vCenter for its hardware. */
function summaries({ cpuCount, coresPerSocket = 1, memorySizeMb }: Partial<MachineSnapshot>): JsonObject {
  return {
    ProcessorSummary:
      cpuCount === undefined
        ? undefined
        : {
            Count: Math.ceil(cpuCount / coresPerSocket),
            CoreCount: cpuCount,
            LogicalProcessorCount: cpuCount,
            // Only the inventory has it, which would cost a call.
            Model: null,
            Status: partStatus,
          },
    MemorySummary:
      memorySizeMb === undefined ? undefined : { TotalSystemMemoryGiB: memorySizeMb / 1_024, Status: partStatus },
  };
}

/** The readable parts of the hardware; secure boot only if the firmware supports it. */
function partLinks({ firmware }: Partial<MachineSnapshot>): JsonObject {
  const parts = ["Processors", "Memory", "EthernetInterfaces", "NetworkInterfaces", "Storage", "SimpleStorage", "Bios"];
  return objectOf(
    [...parts, ...(firmware === "efi" ? ["SecureBoot"] : [])].map((part) => [part, link(`${systemUri}/${part}`)]),
  );
}

async function writeAssetTag(tag: string, { bmc }: Visit): Promise<void> {
  const encoded = encodeAssetTag(tag);
  if (encoded.length > maxAssetTagLength) {
    const text = `The asset tag is longer than the ${maxAssetTagLength} bytes that IPMI can hold: choose a shorter one.`;
    throw new RedfishError(400, [
      message("PropertyValueFormatError", [tag, "AssetTag"], { text, related: ["#/AssetTag"] }),
    ]);
  }
  await bmc.asset.setTag(encoded);
}

export const systemResources = [systemCollection, system];
