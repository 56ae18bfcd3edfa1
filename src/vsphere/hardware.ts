/** Reads the hardware of a VM as the machine's inventory, with one call for the VM and its host. */
import { MachineError } from "../model/machine/errors.js";
import type { Firmware, MachineInventory } from "../model/machine/inventory.js";
import { decodeDevices } from "./devices.js";
import { decodeDns, withGuestNetwork } from "./guestNetwork.js";
import { fromSoap, type MoRef, toSoap } from "./moRef.js";
import { type Properties, propertiesOf, propertySpec, reported, requireAny } from "./properties.js";
import type { VimSession } from "./session.js";
import { booleanOf, fieldOf, listOf, numberOf, textOf, withoutUnknown } from "./soapValue.js";
import { VimFault } from "./vimErrors.js";

const machinePaths = [
  "config.hardware",
  "config.firmware",
  "config.bootOptions",
  "config.cpuHotAddEnabled",
  "config.memoryHotAddEnabled",
  "config.nestedHVEnabled",
  "guest.toolsVersion",
  "guest.net",
  "guest.ipStack",
];

/** Hardware of the host; absent if the account cannot see the host. */
const hostPaths = ["summary.hardware"];

/** Throws MachineError, VimFault or VimTransportError. */
export async function readInventory(session: VimSession, machine: MoRef, timeoutMs: number): Promise<MachineInventory> {
  const { own, host } = await readWithHost(session, machine, timeoutMs);
  const hardware = reported(requireAny(own), "config.hardware");
  if (hardware === undefined) {
    throw new MachineError(
      "busy",
      "vCenter does not report the VM's hardware now: its host or its files are unavailable",
    );
  }
  const devices = decodeDevices(listOf(fieldOf(hardware, "device")));
  // Only the guest reports them, and Tools may be missing.
  const stacks = listOf(known(own, "guest.ipStack"), "GuestStackInfo");
  const net = listOf(known(own, "guest.net"), "GuestNicInfo");
  return {
    ...withoutUnknown({ ...processors(hardware, host), ...settings(own), dns: decodeDns(stacks) }),
    ...devices,
    networkCards: withGuestNetwork(devices.networkCards, net, stacks),
  };
}

async function readWithHost(
  session: VimSession,
  machine: MoRef,
  timeoutMs: number,
): Promise<{ readonly own: Properties; readonly host: Properties | undefined }> {
  const toHost = {
    attributes: { "xsi:type": "vim25:TraversalSpec" },
    name: "host",
    type: machine.type,
    path: "runtime.host",
    skip: false,
  };
  const propSet = [propertySpec(machine.type, machinePaths), propertySpec("HostSystem", hostPaths)];
  const result = await session.call(
    "RetrievePropertiesEx",
    session.content.propertyCollector,
    { specSet: [{ propSet, objectSet: [{ obj: toSoap(machine), skip: false, selectSet: [toHost] }] }], options: {} },
    { owner: machine.value, timeoutMs, urgency: "statistics" },
  );
  const contents = listOf(fieldOf(result, "objects"));
  const of = (type: string): unknown => contents.find((content) => fromSoap(fieldOf(content, "obj"))?.type === type);
  const own = of(machine.type);
  if (own === undefined) {
    throw new VimFault("ManagedObjectNotFound", `${machine.type} ${machine.value} is gone`);
  }
  const host = of("HostSystem");
  return { own: propertiesOf(own), host: host === undefined ? undefined : propertiesOf(host) };
}

function known(properties: Properties, path: string): unknown {
  const value = properties.get(path);
  return value instanceof VimFault ? undefined : value;
}

function processors(hardware: unknown, host: Properties | undefined) {
  const ofHost = host && known(host, "summary.hardware");
  return {
    cpuCount: numberOf(fieldOf(hardware, "numCPU")),
    // 0 lets the server choose (vSphere 8).
    coresPerSocket: numberOf(fieldOf(hardware, "numCoresPerSocket")) || undefined,
    memorySizeMb: numberOf(fieldOf(hardware, "memoryMB")),
    cpuModel: textOf(fieldOf(ofHost, "cpuModel"))?.replace(/\s+/g, " ").trim() || undefined,
    cpuMhz: numberOf(fieldOf(ofHost, "cpuMhz")),
  };
}

function settings(own: Properties) {
  const options = known(own, "config.bootOptions");
  return {
    firmware: decodeFirmware(known(own, "config.firmware")),
    bootDelayMs: numberOf(fieldOf(options, "bootDelay")),
    bootRetryEnabled: booleanOf(fieldOf(options, "bootRetryEnabled")),
    secureBootEnabled: booleanOf(fieldOf(options, "efiSecureBootEnabled")),
    cpuHotAddEnabled: booleanOf(known(own, "config.cpuHotAddEnabled")),
    memoryHotAddEnabled: booleanOf(known(own, "config.memoryHotAddEnabled")),
    nestedVirtualizationEnabled: booleanOf(known(own, "config.nestedHVEnabled")),
    toolsVersion: decodeToolsVersion(known(own, "guest.toolsVersion")),
  };
}

/** GuestOsDescriptorFirmwareType. */
export function decodeFirmware(value: unknown): Firmware | undefined {
  const firmware = textOf(value);
  return firmware === "bios" || firmware === "efi" ? firmware : undefined;
}

/** GuestInfo.toolsVersion: 12352 is 12.2.0; 0 without Tools, 2147483647 for Tools that do not tell. */
export function decodeToolsVersion(value: unknown): string | undefined {
  const version = Number(textOf(value) ?? 0);
  const isKnown = Number.isInteger(version) && version > 0 && version < 0x7fff_ffff;
  return isKnown ? `${version >> 10}.${(version >> 5) & 0x1f}.${version & 0x1f}` : undefined;
}
