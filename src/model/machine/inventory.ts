/**
 * The system's hardware as the hypervisor describes it, read on demand. Unknown values are absent. Plain data: it
 * crosses process boundaries as JSON.
 */
export type Firmware = "bios" | "efi";

export interface MachineInventory {
  /** Virtual CPUs of all sockets. */
  readonly cpuCount?: number;
  readonly coresPerSocket?: number;
  /** The host's CPU, which the guest sees as well. */
  readonly cpuModel?: string;
  readonly cpuMhz?: number;
  readonly memorySizeMb?: number;
  readonly firmware?: Firmware;
  /** Pause before the firmware searches for a boot device. */
  readonly bootDelayMs?: number;
  /** Whether the firmware restarts if it has found no boot device. */
  readonly bootRetryEnabled?: boolean;
  readonly secureBootEnabled?: boolean;
  readonly cpuHotAddEnabled?: boolean;
  readonly memoryHotAddEnabled?: boolean;
  readonly nestedVirtualizationEnabled?: boolean;
  /** `major.minor.patch`; absent while VMware Tools are not installed, or are of an unknown version. */
  readonly toolsVersion?: string;
  readonly storageControllers: readonly StorageController[];
  readonly disks: readonly Disk[];
  readonly removableDrives: readonly RemovableDrive[];
  readonly networkCards: readonly NetworkCard[];
  /** As the guest reports it; absent without a report. */
  readonly dns?: GuestDns;
}

export interface Device {
  /** Unique in the system, and constant for the lifetime of the device. */
  readonly key: number;
  /** Display name, such as `Hard disk 1`. */
  readonly label: string;
}

/** `other`: a storage controller of an unknown kind. */
export type StorageControllerModel =
  "pvscsi" | "lsiLogicSas" | "lsiLogic" | "busLogic" | "ahci" | "nvme" | "ide" | "other";

export interface StorageController extends Device {
  readonly model: StorageControllerModel;
}

/** The controller, and the position on it; both absent for a device without one. */
export interface StorageDevice extends Device {
  readonly controllerKey?: number;
  readonly unitNumber?: number;
}

export interface Disk extends StorageDevice {
  readonly capacityBytes?: number;
  /** backing.uuid, which the guest reads as the disk's serial number. */
  readonly uuid?: string;
}

export interface RemovableDrive extends StorageDevice {
  readonly kind: "cdrom" | "floppy";
  /** `[datastore] path` of its image; absent if empty, and for a drive of the host or a client. */
  readonly image?: string;
  readonly isConnected?: boolean;
  readonly startsConnected?: boolean;
}

export interface NetworkCard extends Device {
  /** vSphere's name of the type, such as `Vmxnet3`. */
  readonly model: string;
  /** Lower case, with colons. */
  readonly macAddress?: string;
  /** Reported by the guest's driver. */
  readonly speedMbps?: number;
  readonly isConnected?: boolean;
  readonly startsConnected?: boolean;
  /** Name of the virtual network. */
  readonly network?: string;
  /** The guest's addresses, IPv4 and IPv6. */
  readonly addresses: readonly GuestAddress[];
  /** Gateways of the guest's default routes over this card. */
  readonly gateways: readonly string[];
}

export interface GuestAddress {
  readonly address: string;
  readonly prefixLength?: number;
  /** vim25 NetIpConfigInfoIpAddressOrigin. */
  readonly origin?: "dhcp" | "linklayer" | "manual" | "other" | "random";
}

export interface GuestDns {
  readonly hostName?: string;
  readonly domainName?: string;
  readonly servers: readonly string[];
}

/** Firmware settings that can be changed; absent ones stay unchanged. */
export interface MachineChange {
  readonly bootDelayMs?: number;
  readonly secureBootEnabled?: boolean;
  readonly firmware?: Firmware;
}
