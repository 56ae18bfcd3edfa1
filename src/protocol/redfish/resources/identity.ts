/** What a VM calls itself, as its guest reads it in SMBIOS: the same in IPMI's FRU inventory. */
import { vmwareSerialNumber } from "../../../model/bmc/fru/fruContent.js";
import type { MachineSnapshot } from "../../../model/machine/snapshot.js";
import type { JsonObject } from "../json.js";
import type { Visit } from "../resource.js";

export const systemUri = "/redfish/v1/Systems/1";
export const chassisUri = "/redfish/v1/Chassis/1";
export const managerUri = "/redfish/v1/Managers/1";

export function identityOf({ bmc }: Visit, snapshot: MachineSnapshot | undefined): JsonObject {
  return {
    Manufacturer: "VMware, Inc.",
    Model: "VMware Virtual Platform",
    SKU: snapshot?.hardwareVersion,
    SerialNumber: vmwareSerialNumber(bmc.uuid()),
    AssetTag: assetTagOf(bmc.asset.tag()),
  };
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Latin 1, or UTF-8 behind a byte order mark (DCMI 1.5 §6.4.2); null while there is none. */
export function assetTagOf(tag: Buffer): string | null {
  if (tag.length === 0) {
    return null;
  }
  return tag.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    ? tag.subarray(byteOrderMark.length).toString()
    : tag.toString("latin1");
}

/** As short as it can be: FRU readers know Latin 1 better than UTF-8. */
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
