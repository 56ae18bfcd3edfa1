/** What decides on what can be done with a VM's drives, in one read. */
import { fromSoap, type MoRef } from "../moRef.js";
import { readProperties, reported } from "../properties.js";
import type { VimSession } from "../session.js";
import { listOf, textOf } from "../soapValue.js";
import type { DriveHost } from "./drives.js";

export interface DriveFacts extends DriveHost {
  readonly host: MoRef | undefined;
  /** Those that the VM uses. */
  readonly datastores: readonly MoRef[];
}

const paths = ["config.hardware.device", "config.version", "runtime.powerState", "runtime.host", "datastore"];

/** Rejects with VimFault or VimTransportError. */
export async function readDriveFacts(session: VimSession, machine: MoRef): Promise<DriveFacts> {
  const properties = await readProperties(session, machine, paths);
  return {
    devices: listOf(reported(properties, "config.hardware.device"), "VirtualDevice"),
    hardwareVersion: Number(/\d+$/.exec(textOf(properties.get("config.version")) ?? "")?.[0] ?? 0),
    isOn: textOf(reported(properties, "runtime.powerState")) === "poweredOn",
    host: fromSoap(properties.get("runtime.host")),
    datastores: listOf(properties.get("datastore"), "ManagedObjectReference").flatMap((item) => fromSoap(item) ?? []),
  };
}
