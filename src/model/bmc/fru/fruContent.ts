/** The FRU inventory of a VM: as far as possible what its guest reads in SMBIOS. */
import type { MachineSnapshot } from "../../machine/snapshot.js";
import type { FruContent } from "./fruAreas.js";

const vendor = "VMware, Inc.";
const platform = "VMware Virtual Platform";

export interface FruSource {
  readonly vmName: string;
  /** The system's UUID, canonical text: used for serial numbers while config.uuid is unknown. */
  readonly uuid: string;
  readonly assetTag: Buffer;
  readonly snapshot: MachineSnapshot | undefined;
  /** The ESXi host that runs the VM. */
  readonly hostName: string | undefined;
}

export function toFruContent({ vmName, uuid, assetTag, snapshot, hostName }: FruSource): FruContent {
  const hardwareVersion = snapshot?.hardwareVersion ?? "";
  const guest = snapshot?.guestFullName;
  const biosUuid = snapshot?.biosUuid ?? uuid;
  const serialNumber = vmwareSerialNumber(biosUuid);
  return {
    chassis: {
      partNumber: hardwareVersion,
      serialNumber,
      custom: hostName === undefined ? [] : [`Host: ${hostName}`],
    },
    board: {
      manufacturer: vendor,
      productName: platform,
      serialNumber: biosUuid,
      partNumber: hardwareVersion,
      custom: [],
    },
    product: {
      manufacturer: vendor,
      productName: snapshot?.name ?? vmName,
      partNumber: platform,
      version: hardwareVersion,
      serialNumber,
      assetTag,
      custom: guest === undefined ? [] : [`Guest OS: ${guest}`],
    },
  };
}

/**
 * The serial number that VMware's BIOS derives from config.uuid, in whatever form the guest reads it: `VMware-42 24 e8
 * b5 1e 2d 3c 4b-5a 69 78 87 96 a5 b4 c3`.
 */
export function vmwareSerialNumber(uuid: string): string {
  const bytes = uuid.replaceAll("-", "").match(/../g) ?? [];
  return `VMware-${bytes.slice(0, 8).join(" ")}-${bytes.slice(8).join(" ")}`;
}
