/** The devices of a VM (config.hardware.device), grouped by kind. */
import type {
  Disk,
  NetworkCard,
  RemovableDrive,
  StorageController,
  StorageDevice,
} from "../model/machine/inventory.js";
import { controllerModel, isEthernetCard, speedOf } from "./deviceTypes.js";
import { booleanOf, fieldOf, numberOf, textOf, typeOf, withoutUnknown } from "./soapValue.js";

export interface Devices {
  readonly storageControllers: readonly StorageController[];
  readonly disks: readonly Disk[];
  readonly removableDrives: readonly RemovableDrive[];
  /** Excludes what only the guest knows. */
  readonly networkCards: readonly NetworkCard[];
}

/** `values` are vim25 VirtualDevices; those of other kinds, and those without a key, are left out. */
export function decodeDevices(values: readonly unknown[]): Devices {
  const storageControllers: StorageController[] = [];
  const disks: Disk[] = [];
  const removableDrives: RemovableDrive[] = [];
  const networkCards: NetworkCard[] = [];
  for (const value of values) {
    const type = typeOf(value) ?? "";
    const place = placeOf(value);
    const model = controllerModel(type);
    if (!place) {
      continue;
    }
    if (model) {
      storageControllers.push({ key: place.key, label: place.label, model });
    } else if (type === "VirtualDisk") {
      disks.push({ ...place, ...decodeDisk(value) });
    } else if (type === "VirtualCdrom" || type === "VirtualFloppy") {
      removableDrives.push({ ...place, kind: type === "VirtualCdrom" ? "cdrom" : "floppy", ...decodeMedium(value) });
    } else if (isEthernetCard(type)) {
      networkCards.push({ key: place.key, label: place.label, ...decodeCard(value, type) });
    }
  }
  return { storageControllers, disks, removableDrives, networkCards };
}

function placeOf(value: unknown): StorageDevice | undefined {
  const key = numberOf(fieldOf(value, "key"));
  return key === undefined
    ? undefined
    : {
        key,
        label: textOf(fieldOf(fieldOf(value, "deviceInfo"), "label")) ?? `Device ${key}`,
        ...withoutUnknown({
          controllerKey: numberOf(fieldOf(value, "controllerKey")),
          unitNumber: numberOf(fieldOf(value, "unitNumber")),
        }),
      };
}

function decodeDisk(value: unknown): Partial<Disk> {
  // capacityInBytes came with vSphere 5.5.
  const kilobytes = numberOf(fieldOf(value, "capacityInKB"));
  return withoutUnknown({
    capacityBytes:
      numberOf(fieldOf(value, "capacityInBytes")) ?? (kilobytes === undefined ? undefined : kilobytes * 1_024),
    uuid: notEmpty(textOf(fieldOf(fieldOf(value, "backing"), "uuid"))),
  });
}

function decodeMedium(value: unknown): Pick<RemovableDrive, "image" | "isConnected" | "startsConnected"> {
  return {
    ...withoutUnknown({ image: notEmpty(textOf(fieldOf(fieldOf(value, "backing"), "fileName"))) }),
    ...plugOf(value),
  };
}

function decodeCard(value: unknown, type: string): Omit<NetworkCard, "key" | "label"> {
  return {
    model: type.replace(/^Virtual/, ""),
    ...withoutUnknown({
      macAddress: notEmpty(textOf(fieldOf(value, "macAddress"))?.toLowerCase()),
      speedMbps: speedOf(type),
      network: networkOf(value),
    }),
    ...plugOf(value),
    addresses: [],
    gateways: [],
  };
}

/** For a distributed port group the device holds only the key, so its summary does not name a network. */
function networkOf(value: unknown): string | undefined {
  return notEmpty(textOf(fieldOf(fieldOf(value, "backing"), "deviceName")));
}

/** vim25 VirtualDeviceConnectInfo. */
function plugOf(value: unknown): { readonly isConnected?: boolean; readonly startsConnected?: boolean } {
  const connectable = fieldOf(value, "connectable");
  return withoutUnknown({
    isConnected: booleanOf(fieldOf(connectable, "connected")),
    startsConnected: booleanOf(fieldOf(connectable, "startConnected")),
  });
}

function notEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
