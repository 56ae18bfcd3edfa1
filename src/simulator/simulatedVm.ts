/** A simulated VM: its state, as plain data that tests may read and change, and as vim25 properties. */
import { type BootSource, liveHostName } from "./boot.js";
import { deviceValues, usualDevices, usualEfiDevices, uuidOf, type VmDevice } from "./devices.js";
import { guestNetwork } from "./guestNetwork.js";
import type { ManagedObject } from "./managedObject.js";
import { type PendingQuestion, questionInfo, type VmQuestion } from "./question.js";
import {
  array,
  boolean,
  dateTime,
  int,
  long,
  type Reference,
  reference,
  references,
  structure,
  symbol,
  text,
  type Value,
} from "./value.js";

export type PowerState = "poweredOn" | "poweredOff" | "suspended";

/** What a VM is made of; all but the name has defaults. */
export interface VmDefinition {
  readonly name: string;
  readonly powerState?: PowerState;
  readonly toolsRunning?: boolean;
  readonly uuid?: string;
  readonly instanceUuid?: string;
  readonly firmware?: "bios" | "efi";
  /** config.version; absent: vmx-19. */
  readonly hardwareVersion?: string;
  readonly template?: boolean;
  /** Key of the extension that keeps it for itself, such as com.vmware.vim.eam. */
  readonly managedBy?: string;
  /** FaultToleranceConfigInfo.role: 1 is the VM that runs, 2 its shadow. */
  readonly faultToleranceRole?: number;
  readonly extraConfig?: Readonly<Record<string, string>>;
  /** A path of VM folders, such as `Lab/Nested`; absent: directly below the datacenter's `vm`. */
  readonly folder?: string;
  /** Absent: 2. */
  readonly cpuCount?: number;
  /** Absent: 1. */
  readonly coresPerSocket?: number;
  /** Absent: 4096. */
  readonly memoryMb?: number;
  /** Absent: disks, network adapters and a CD-ROM as VMs of this firmware usually have them. */
  readonly devices?: readonly VmDevice[];
  /** Asked in the course of its next power-on. */
  readonly question?: VmQuestion;
}

export interface BootOptions {
  enterBiosSetup: boolean;
  /** Elements of vim25 VirtualMachineBootOptionsBootableDevice, by type name and key. */
  bootOrder: readonly { readonly type: string; readonly deviceKey?: number }[];
}

export interface SimulatedVm {
  /** Of its reference; changes when it is registered again. */
  id: string;
  name: string;
  powerState: PowerState;
  toolsRunning: boolean;
  /** vim25 VirtualMachineConnectionState. */
  connectionState: string;
  uuid: string;
  instanceUuid: string;
  firmware: string;
  hardwareVersion: string;
  isTemplate: boolean;
  readonly managedBy: string | undefined;
  readonly faultToleranceRole: number | undefined;
  extraConfig: Readonly<Record<string, string>>;
  bootOptions: BootOptions;
  bootDelayMs: number;
  hasSecureBoot: boolean;
  readonly cpuCount: number;
  readonly coresPerSocket: number;
  readonly memoryMb: number;
  devices: readonly VmDevice[];
  /** Counts up with every reconfiguration. */
  changeVersion: number;
  bootTime: Date | undefined;
  /** When its uptime began: also the time of the last vMotion, since the process that runs it is a new one. */
  runsSince: Date | undefined;
  /** Its boot order is longer than the platform bears, so that its guest has not started. */
  hasBootFailed: boolean;
  /** Index of the host that it is on. */
  host: number;
  /** Asked in the course of its next power-on. */
  nextQuestion: VmQuestion | undefined;
  /** One that waits for an answer. */
  question: PendingQuestion | undefined;
  /** The guest holds its CD drive: asked when a medium is to be taken out of it. */
  lockedDoor: VmQuestion | undefined;
  /** Something starts from its disk, as it does after an installation. */
  hasSystemOnDisk: boolean;
  /** What it has started from; undefined while it is off. */
  bootedFrom: BootSource | undefined;
  /** IDs of its latest tasks. */
  recentTasks: readonly string[];
  /** Diagnostic interrupts that reached the guest. */
  nmiCount: number;
  /** A task is at work on the VM: another one is refused. */
  isBusy: boolean;
  /** What it is busy with while it is on. */
  readonly live: LiveStatistics;
}

export interface LiveStatistics {
  cpuMhz: number;
  activeMemoryMb: number;
  consumedMemoryMb: number;
  diskKbps: number;
  networkKbps: number;
  /** undefined: the host does not measure it. */
  powerWatts: number | undefined;
}

export function createVm(id: string, definition: VmDefinition, now: Date): SimulatedVm {
  const { name, powerState = "poweredOff", toolsRunning = true, firmware = "bios" } = definition;
  return {
    id,
    name,
    powerState,
    toolsRunning,
    connectionState: "connected",
    uuid: definition.uuid ?? uuidOf(`bios ${id}`),
    instanceUuid: definition.instanceUuid ?? uuidOf(`instance ${id}`),
    firmware,
    hardwareVersion: definition.hardwareVersion ?? "vmx-19",
    isTemplate: definition.template ?? false,
    managedBy: definition.managedBy,
    faultToleranceRole: definition.faultToleranceRole,
    extraConfig: definition.extraConfig ?? {},
    bootOptions: { enterBiosSetup: false, bootOrder: [] },
    bootDelayMs: 0,
    hasSecureBoot: false,
    cpuCount: definition.cpuCount ?? 2,
    coresPerSocket: definition.coresPerSocket ?? 1,
    memoryMb: definition.memoryMb ?? 4_096,
    devices: definition.devices ?? (firmware === "efi" ? usualEfiDevices : usualDevices),
    changeVersion: 1,
    bootTime: powerState === "poweredOn" ? now : undefined,
    runsSince: powerState === "poweredOn" ? now : undefined,
    hasBootFailed: false,
    host: 0,
    nextQuestion: definition.question,
    question: undefined,
    lockedDoor: undefined,
    hasSystemOnDisk: true,
    bootedFrom: undefined,
    recentTasks: [],
    nmiCount: 0,
    isBusy: false,
    live: {
      cpuMhz: 120,
      activeMemoryMb: 512,
      consumedMemoryMb: 1_800,
      diskKbps: 640,
      networkKbps: 95,
      powerWatts: 36,
    },
  };
}

/** vSphere stores these three characters escaped. */
export function escapeName(name: string): string {
  return name.replace(/[%/\\]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

export interface Surroundings {
  readonly folder: Reference;
  readonly hosts: readonly Reference[];
  readonly datastore: Reference;
  readonly datastoreName: string;
  readonly datastoreUrl: string;
  /** Whether config.datastoreUrl of VMs is reported. */
  readonly isDatastoreUrlTold: () => boolean;
}

/** Of each host's CPUs. */
export const hostMhz = 2_600;

export function vmObject(vm: SimulatedVm, where: Surroundings): ManagedObject {
  return {
    reference: { type: "VirtualMachine", id: vm.id },
    properties: () => propertiesOf(vm, where),
  };
}

function propertiesOf(vm: SimulatedVm, where: Surroundings): Readonly<Record<string, Value | undefined>> {
  const isOn = vm.powerState === "poweredOn";
  const hasTools = isOn && vm.toolsRunning && !vm.hasBootFailed;
  const name = text(escapeName(vm.name));
  const toolsStatus = symbol(
    "VirtualMachineToolsRunningStatus",
    hasTools ? "guestToolsRunning" : "guestToolsNotRunning",
  );
  const heartbeat = symbol("ManagedEntityStatus", hasTools ? "green" : "gray");
  const health = symbol("ManagedEntityStatus", "green");
  const at = where.hosts[vm.host];
  const host = at && reference(at.type, at.id);
  const powerState = symbol("VirtualMachinePowerState", vm.powerState);
  const connected = symbol("VirtualMachineConnectionState", vm.connectionState);
  const runtime = structure("VirtualMachineRuntimeInfo", {
    host,
    connectionState: connected,
    powerState,
    toolsInstallerMounted: boolean(false),
    bootTime: vm.bootTime && dateTime(vm.bootTime),
    question: vm.question && questionInfo(vm.question),
    numMksConnections: int(0),
    maxCpuUsage: isOn ? int(vm.cpuCount * hostMhz) : undefined,
    maxMemoryUsage: isOn ? int(vm.memoryMb) : undefined,
  });
  const vmPath = text(vmPathName(vm, where));
  return {
    name,
    parent: reference(where.folder.type, where.folder.id),
    config: structure("VirtualMachineConfigInfo", {
      changeVersion: text(String(vm.changeVersion)),
      modified: dateTime(new Date(0)),
      name,
      guestFullName: text("VMware ESXi 7.0 or later"),
      version: text(vm.hardwareVersion),
      uuid: text(vm.uuid),
      instanceUuid: text(vm.instanceUuid),
      template: boolean(vm.isTemplate),
      guestId: text("vmkernel7Guest"),
      files: structure("VirtualMachineFileInfo", { vmPathName: vmPath }),
      hardware: structure("VirtualHardware", {
        numCPU: int(vm.cpuCount),
        numCoresPerSocket: int(vm.coresPerSocket),
        memoryMB: int(vm.memoryMb),
        device: array("VirtualDevice", deviceValues({ uuid: vm.uuid, folder: folderOf(vm, where), isOn }, vm.devices)),
      }),
      memoryHotAddEnabled: boolean(false),
      cpuHotAddEnabled: boolean(false),
      datastoreUrl: where.isDatastoreUrlTold()
        ? array("VirtualMachineConfigInfoDatastoreUrlPair", [
            structure("VirtualMachineConfigInfoDatastoreUrlPair", {
              name: text(where.datastoreName),
              url: text(where.datastoreUrl),
            }),
          ])
        : undefined,
      extraConfig: array(
        "OptionValue",
        Object.entries(vm.extraConfig).map(([key, value]) =>
          structure("OptionValue", { key: text(key), value: text(value) }),
        ),
      ),
      bootOptions: bootOptions(vm),
      ftInfo:
        vm.faultToleranceRole === undefined
          ? undefined
          : structure("FaultToleranceConfigInfo", { role: int(vm.faultToleranceRole) }),
      firmware: text(vm.firmware),
      managedBy:
        vm.managedBy === undefined
          ? undefined
          : structure("ManagedByInfo", { extensionKey: text(vm.managedBy), type: text("agent") }),
      nestedHVEnabled: boolean(true),
    }),
    runtime,
    guest: structure("GuestInfo", {
      toolsRunningStatus: toolsStatus,
      // 12.2.0
      toolsVersion: text(hasTools ? "12352" : "0"),
      hostName: hasTools ? text(guestHostName(vm)) : undefined,
      ...(hasTools && guestNetwork({ uuid: vm.uuid, hostName: vm.name, devices: vm.devices })),
      guestState: text(isOn ? "running" : "notRunning"),
    }),
    summary: structure("VirtualMachineSummary", {
      vm: reference("VirtualMachine", vm.id),
      runtime,
      config: structure("VirtualMachineConfigSummary", {
        name,
        template: boolean(vm.isTemplate),
        vmPathName: vmPath,
        uuid: text(vm.uuid),
        instanceUuid: text(vm.instanceUuid),
      }),
      quickStats: structure("VirtualMachineQuickStats", {
        overallCpuUsage: int(isOn ? vm.live.cpuMhz : 0),
        guestMemoryUsage: int(isOn ? vm.live.activeMemoryMb : 0),
        hostMemoryUsage: int(isOn ? vm.live.consumedMemoryMb : 0),
        guestHeartbeatStatus: heartbeat,
        uptimeSeconds: int(vm.runsSince ? Math.floor((Date.now() - vm.runsSince.getTime()) / 1_000) : 0),
      }),
      overallStatus: health,
    }),
    overallStatus: health,
    guestHeartbeatStatus: heartbeat,
    datastore: references([where.datastore]),
    recentTask: references(vm.recentTasks.map((id) => ({ type: "Task", id }))),
  };
}

function guestHostName({ name, bootedFrom }: SimulatedVm): string {
  return bootedFrom?.device === "Cdrom" ? liveHostName(bootedFrom) : `${name}.lab.test`;
}

export function vmPathName(vm: SimulatedVm, where: Surroundings): string {
  return `${folderOf(vm, where)}/${vm.id}.vmx`;
}

function folderOf({ id }: SimulatedVm, { datastoreName }: Surroundings): string {
  return `[${datastoreName}] ${id}`;
}

function bootOptions(vm: SimulatedVm): Value {
  const { enterBiosSetup, bootOrder } = vm.bootOptions;
  return structure("VirtualMachineBootOptions", {
    bootDelay: long(vm.bootDelayMs),
    enterBIOSSetup: boolean(enterBiosSetup),
    efiSecureBootEnabled: boolean(vm.hasSecureBoot),
    bootRetryEnabled: boolean(false),
    bootRetryDelay: long(10_000),
    bootOrder:
      bootOrder.length === 0
        ? undefined
        : array(
            "VirtualMachineBootOptionsBootableDevice",
            bootOrder.map(({ type, deviceKey }) =>
              structure(type, { deviceKey: deviceKey === undefined ? undefined : int(deviceKey) }),
            ),
          ),
  });
}
