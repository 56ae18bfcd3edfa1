/** The state of a system at one moment. */
import type { Firmware } from "./inventory.js";
/** vim25 VirtualMachinePowerState. */
export type PowerState = "poweredOn" | "poweredOff" | "suspended";

/** vim25 ManagedEntityStatus: green is healthy, gray is unknown. */
export type HealthStatus = "green" | "yellow" | "red" | "gray";

/** A question that blocks the system until it is answered (vim25 VirtualMachineQuestionInfo). Texts are one line. */
export interface MachineQuestion {
  readonly id: string;
  readonly text: string;
  readonly choices: readonly QuestionChoice[];
}

export interface QuestionChoice {
  /** Usually a number. */
  readonly key: string;
  readonly label: string;
}

/**
 * The state of the system at one moment; unknown fields are absent, never guessed. Plain data: it crosses process
 * boundaries as JSON.
 */
export interface MachineSnapshot {
  readonly powerState: PowerState;
  readonly name?: string;
  /** config.instanceUuid, canonical lower-case text. */
  readonly instanceUuid?: string;
  /** config.uuid, canonical lower-case text. */
  readonly biosUuid?: string;
  /** The UUID as the guest reads it in SMBIOS: it differs from config.uuid since hardware version 13. */
  readonly smbiosUuid?: string;
  /** config.guestFullName, e.g. `VMware ESXi 7.0 or later`. */
  readonly guestFullName?: string;
  /** guest.hostName as reported by Tools. */
  readonly guestHostName?: string;
  /** config.version, e.g. `vmx-19`. */
  readonly hardwareVersion?: string;
  /** config.changeVersion: changes with the configuration. */
  readonly changeVersion?: string;
  /** config.firmware. */
  readonly firmware?: Firmware;
  /** guest.toolsRunningStatus is guestToolsRunning. */
  readonly toolsRunning?: boolean;
  readonly overallStatus?: HealthStatus;
  readonly guestHeartbeatStatus?: HealthStatus;
  readonly cpuCount?: number;
  /** config.hardware.numCoresPerSocket; absent if the server decides. */
  readonly coresPerSocket?: number;
  readonly memorySizeMb?: number;
  /** summary.runtime.maxCpuUsage, MHz. */
  readonly cpuCapacityMhz?: number;
  /** runtime.bootTime: when the system was last powered on, ISO 8601; absent while it is off. */
  readonly bootTime?: string;
  /** runtime.question; absent if no question blocks the system. */
  readonly question?: MachineQuestion;
}
