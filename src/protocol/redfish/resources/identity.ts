/** How a VM identifies itself to its guest in SMBIOS, as in IPMI's FRU inventory. */
import { vmwareSerialNumber } from "../../../model/bmc/fru/fruContent.js";
import type { MachineSnapshot } from "../../../model/machine/snapshot.js";
import type { JsonObject } from "../json.js";
import type { Visit } from "../resource.js";

export const systemUri = "/redfish/v1/Systems/1";
export const chassisUri = "/redfish/v1/Chassis/1";
export const managerUri = "/redfish/v1/Managers/1";

/** The identity of System and Chassis, as facts (see `fromFacts`). */
export interface IdentityFacts {
  readonly snapshot: MachineSnapshot | undefined;
  readonly uuid: string;
  /** From config.uuid, as in the FRU inventory: the UUID in the guest may have another byte order. */
  readonly biosUuid: string;
  readonly assetTag: Buffer;
}

export function identityFacts({ bmc, machine }: Visit): IdentityFacts {
  const uuid = bmc.uuid();
  return {
    snapshot: machine.snapshot(),
    uuid,
    biosUuid: machine.lastSnapshot()?.biosUuid ?? uuid,
    assetTag: bmc.asset.tag(),
  };
}

export function identityOf({ snapshot, uuid, biosUuid, assetTag }: IdentityFacts): JsonObject {
  return {
    Manufacturer: "VMware, Inc.",
    Model: modelOf(snapshot),
    SKU: snapshot?.hardwareVersion,
    SerialNumber: vmwareSerialNumber(biosUuid),
    AssetTag: assetTagOf(assetTag),
    UUID: uuid,
  };
}

/** With EFI the name includes the version of the virtual hardware. */
function modelOf(snapshot: MachineSnapshot | undefined): string {
  if (snapshot?.firmware !== "efi") {
    return "VMware Virtual Platform";
  }
  return virtualHardware(snapshot) >= 20 ? "VMware20,1" : "VMware7,1";
}

/** 19 for `vmx-19`. */
function virtualHardware({ hardwareVersion = "" }: MachineSnapshot): number {
  return Number(/^vmx-(\d+)$/.exec(hardwareVersion)?.[1] ?? 0);
}

/** VMware's own firmware version is only visible in the guest; what determines it is known. */
export function biosVersionOf(snapshot: MachineSnapshot | undefined): string | undefined {
  const { firmware, hardwareVersion } = snapshot ?? {};
  return firmware && hardwareVersion && `${firmware.toUpperCase()} ${hardwareVersion}`;
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Latin 1, or UTF-8 after a byte order mark (DCMI 1.5 §6.4.2); null if there is none. */
export function assetTagOf(tag: Buffer): string | null {
  if (tag.length === 0) {
    return null;
  }
  return tag.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    ? tag.subarray(byteOrderMark.length).toString()
    : tag.toString("latin1");
}

/** Prefer Latin 1 to UTF-8, which few FRU readers know. */
export function encodeAssetTag(tag: string): Buffer {
  return /^[\x00-\xff]*$/.test(tag) ? Buffer.from(tag, "latin1") : Buffer.concat([byteOrderMark, Buffer.from(tag)]);
}

const healthOf = { green: "OK", yellow: "Warning", red: "Critical", gray: null } as const;

/** State from the power, Health from vSphere's overallStatus. */
export function statusOf(snapshot: MachineSnapshot | undefined): JsonObject {
  const isOn = snapshot?.powerState === "poweredOn";
  const health = snapshot?.overallStatus && healthOf[snapshot.overallStatus];
  return { State: isOn ? "Enabled" : "StandbyOffline", Health: health ?? null };
}
