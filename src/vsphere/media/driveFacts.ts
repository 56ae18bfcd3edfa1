/** What vSphere says of a VM's drives, and what decides on the changes to them. */
import { fromSoap, type MoRef } from "../moRef.js";
import { readProperties, told } from "../properties.js";
import type { VimSession } from "../session.js";
import { listOf, textOf } from "../soapValue.js";
import type { DriveHost } from "./drives.js";

const factPaths = ["config.hardware.device", "config.version", "runtime.powerState", "runtime.host", "datastore"];

export interface DriveFacts extends DriveHost {
  readonly host: MoRef | undefined;
  readonly datastores: readonly MoRef[];
}

export async function readDriveFacts(session: VimSession, reference: MoRef): Promise<DriveFacts> {
  const properties = await readProperties(session, reference, factPaths);
  return {
    devices: listOf(told(properties, "config.hardware.device"), "VirtualDevice"),
    hardwareVersion: Number(/\d+$/.exec(textOf(properties.get("config.version")) ?? "")?.[0] ?? 0),
    isOn: textOf(told(properties, "runtime.powerState")) === "poweredOn",
    host: fromSoap(properties.get("runtime.host")),
    datastores: listOf(properties.get("datastore"), "ManagedObjectReference").flatMap((item) => fromSoap(item) ?? []),
  };
}
