/** LicenseManager: the licence of the server, which a free one lets read only. */
import type { ManagedObject } from "./managedObject.js";
import { array, int, type Reference, structure, text, type Value } from "./value.js";

export const licenseManager: Reference = { type: "LicenseManager", id: "LicenseManager" };

/** [ID, name] of features */
const paidFeatures = [
  ["vimapi", "vSphere API"],
  ["vmotion", "vSphere vMotion"],
] as const;
const serialFeatures = [["serialuri:2", "Remote virtual Serial port Concentrator"]] as const;
const freeFeatures = [["vsmp:8", "Up to 8-way virtual SMP"]] as const;

export interface LicenceState {
  /** No API for changes. */
  readonly isFree: boolean;
  /** Network serial ports. */
  readonly hasSerialPorts: boolean;
}

export function licenceObject(state: () => LicenceState): ManagedObject {
  return {
    reference: licenseManager,
    properties: () => ({ licenses: array("LicenseManagerLicenseInfo", [licence(state())]) }),
  };
}

function licence({ isFree, hasSerialPorts }: LicenceState): Value {
  const features = isFree ? freeFeatures : [...paidFeatures, ...(hasSerialPorts ? serialFeatures : [])];
  return structure("LicenseManagerLicenseInfo", {
    licenseKey: text("AAAAA-00000-00000-00000-00000"),
    editionKey: text(
      isFree ? "esxBasic" : hasSerialPorts ? "esx.enterprisePlus.cpuPackage" : "esx.standard.cpuPackage",
    ),
    name: text(
      isFree ? "VMware vSphere 8 Hypervisor" : `VMware vSphere 8 ${hasSerialPorts ? "Enterprise Plus" : "Standard"}`,
    ),
    total: int(0),
    used: int(1),
    costUnit: text("cpuPackage"),
    properties: array(
      "KeyAnyValue",
      features.map(([key, value]) =>
        structure("KeyAnyValue", {
          key: text("feature"),
          value: structure("KeyValue", { key: text(key), value: text(value) }),
        }),
      ),
    ),
  });
}
