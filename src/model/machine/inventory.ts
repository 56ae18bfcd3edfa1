/**
 * The system's hardware as its hypervisor describes it, read when somebody asks. What is not told is absent. Plain data:
 * it crosses process boundaries as JSON.
 */
export type Firmware = "bios" | "efi";

export interface MachineInventory {
  /** Virtual CPUs, in all sockets together. */
  readonly cpuCount?: number;
  readonly coresPerSocket?: number;
  /** Of the host's CPU, which the guest sees as well. */
  readonly cpuModel?: string;
  readonly cpuMhz?: number;
  readonly memorySizeMb?: number;
  readonly firmware?: Firmware;
  /** Pause before the firmware looks for something to boot. */
  readonly bootDelayMs?: number;
  /** The firmware starts again after it has found nothing to boot. */
  readonly bootRetryEnabled?: boolean;
  readonly secureBootEnabled?: boolean;
  readonly cpuHotAddEnabled?: boolean;
  readonly memoryHotAddEnabled?: boolean;
  readonly nestedVirtualizationEnabled?: boolean;
  readonly storageControllers: readonly StorageController[];
  readonly disks: readonly Disk[];
  readonly removableDrives: readonly RemovableDrive[];
  readonly networkCards: readonly NetworkCard[];
  /** As the guest has it; absent while nobody in the guest tells. */
  readonly dns?: GuestDns;
}

export interface Device {
  /** Unique in the system, and the same for as long as it has the device. */
  readonly key: number;
  /** As people see it, such as `Hard disk 1`. */
  readonly label: string;
}

/** `other`: a storage controller of a kind that is not known here. */
export type StorageControllerModel =
  "pvscsi" | "lsiLogicSas" | "lsiLogic" | "busLogic" | "ahci" | "nvme" | "ide" | "other";

export interface StorageController extends Device {
  readonly model: StorageControllerModel;
}

/** At a controller and a place there; both absent for a device that is nowhere. */
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
  /** `[datastore] path` of the image in it; absent for none, and for a drive of the host or a client. */
  readonly image?: string;
  readonly isConnected?: boolean;
  readonly startsConnected?: boolean;
}

export interface NetworkCard extends Device {
  /** vSphere's name of the type, such as `Vmxnet3`. */
  readonly model: string;
  /** Lower case, with colons. */
  readonly macAddress?: string;
  /** What the guest's driver reports. */
  readonly speedMbps?: number;
  readonly isConnected?: boolean;
  readonly startsConnected?: boolean;
  /** Name of the virtual network. */
  readonly network?: string;
  /** The guest's, IPv4 and IPv6. */
  readonly addresses: readonly GuestAddress[];
  /** Where the guest's default routes over this card go. */
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

/** What can be changed in the firmware's settings; what is absent stays. */
export interface MachineChange {
  readonly bootDelayMs?: number;
  readonly secureBootEnabled?: boolean;
  readonly firmware?: Firmware;
}
