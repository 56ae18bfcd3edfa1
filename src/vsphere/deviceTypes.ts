/** vim25 types of virtual devices, by what they are to a BMC. */
import type { StorageControllerModel } from "../model/machine/inventory.js";

/** Subclasses of vim25 VirtualEthernetCard: the published ones, and others recognised by name. */
export function isEthernetCard(type: string): boolean {
  return /^Virtual(E1000e?|PCNet32|Vmxnet\w*)$|EthernetCard$/.test(type);
}

const controllerModels: Readonly<Record<string, StorageControllerModel>> = {
  ParaVirtualSCSIController: "pvscsi",
  VirtualLsiLogicSASController: "lsiLogicSas",
  VirtualLsiLogicController: "lsiLogic",
  VirtualBusLogicController: "busLogic",
  VirtualAHCIController: "ahci",
  VirtualNVMEController: "nvme",
  VirtualIDEController: "ide",
};

/** undefined if it is not a storage controller. */
export function controllerModel(type: string): StorageControllerModel | undefined {
  return controllerModels[type] ?? (/(SCSI|SATA|SAS)Controller$/.test(type) ? "other" : undefined);
}

/** Mbit/s that the guest's driver reports; unknown for types that pass the host's adapter through. */
export function speedOf(type: string): number | undefined {
  return /^VirtualVmxnet3/.test(type) ? 10_000 : /^Virtual(E1000e?|Vmxnet2?)$/.test(type) ? 1_000 : undefined;
}
