/** The boot order of a VM, as IPMI's one boot device and back (vim25 VirtualMachineBootOptions). */
import { MachineError } from "../machine/errors.js";
import type { BootDevice, BootOverride } from "../machine/machine.js";
import type { MoRef } from "./moRef.js";
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, numberOf, textOf, typeOf } from "./soapValue.js";

type OrderedDevice = Exclude<BootDevice, "bios">;

const bootableTypes: Readonly<Record<OrderedDevice, string>> = {
  pxe: "VirtualMachineBootOptionsBootableEthernetDevice",
  disk: "VirtualMachineBootOptionsBootableDiskDevice",
  cdrom: "VirtualMachineBootOptionsBootableCdromDevice",
  floppy: "VirtualMachineBootOptionsBootableFloppyDevice",
};
/** An order of the base class alone clears the VM's order; an empty list would leave it as it is. */
const noOrder = [{ attributes: { "xsi:type": "vim25:VirtualMachineBootOptionsBootableDevice" } }];

/** VirtualDevice types of network adapters, of which there is no common mark but these (vim25 VirtualEthernetCard). */
const ethernetCards = /^Virtual(E1000e?|PCNet32|Vmxnet[23]?|SriovEthernetCard|EthernetCard)$/;

const matchers: Readonly<Record<OrderedDevice, (type: string) => boolean>> = {
  pxe: (type) => ethernetCards.test(type),
  disk: (type) => type === "VirtualDisk",
  cdrom: (type) => type === "VirtualCdrom",
  floppy: (type) => type === "VirtualFloppy",
};

/** The override that the VM's boot options amount to; `persistent` is not for vSphere to tell. */
export async function readBootDevice(session: VimSession, machine: MoRef): Promise<BootDevice | undefined> {
  const options = (await readProperties(session, machine, ["config.bootOptions"])).get("config.bootOptions");
  if (textOf(fieldOf(options, "enterBIOSSetup")) === "true") {
    return "bios";
  }
  const [first] = listOf(fieldOf(options, "bootOrder"));
  const type = typeOf(first);
  return (Object.keys(bootableTypes) as OrderedDevice[]).find((device) => bootableTypes[device] === type);
}

/** The value of ConfigSpec.bootOptions that brings `override` about; throws MachineError when the VM has no such device. */
export async function bootOptionsFor(
  session: VimSession,
  machine: MoRef,
  override: BootOverride | undefined,
): Promise<Record<string, unknown>> {
  if (!override) {
    return { enterBIOSSetup: false, bootOrder: noOrder };
  }
  if (override.device === "bios") {
    return { enterBIOSSetup: true };
  }
  const path = "config.hardware.device";
  const devices = listOf((await readProperties(session, machine, [path])).get(path), "VirtualDevice");
  const first = entriesOf(override.device, devices);
  if (first.length === 0) {
    throw new MachineError("unsupported", `the VM has no ${override.device} device to boot from`);
  }
  const others = (Object.keys(bootableTypes) as OrderedDevice[]).filter((device) => device !== override.device);
  return { enterBIOSSetup: false, bootOrder: [...first, ...others.flatMap((device) => entriesOf(device, devices))] };
}

/** All network adapters and disks in the VM's order; CD and floppy are named by their kind alone. */
function entriesOf(device: OrderedDevice, devices: readonly unknown[]): Record<string, unknown>[] {
  const attributes = { "xsi:type": `vim25:${bootableTypes[device]}` };
  const keys = devices
    .filter((candidate) => matchers[device](typeOf(candidate) ?? ""))
    .map((candidate) => numberOf(fieldOf(candidate, "key")));
  if (device === "pxe" || device === "disk") {
    return keys.map((deviceKey) => ({ attributes, deviceKey }));
  }
  return keys.length > 0 ? [{ attributes }] : [];
}
