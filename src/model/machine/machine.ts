/**
 * The managed system as a BMC sees it: what it can be asked and told, whatever hypervisor is behind it.
 * Every method that returns a promise rejects with MachineError only, and always within a bound.
 */
import type { MachineChange, MachineInventory } from "./inventory.js";
import type { MediaInsertion, MediaProgress, MediaSlot, MediaSlotId } from "./media.js";
import type { MachineSnapshot, PowerState } from "./snapshot.js";
import type { MachineStatistics } from "./statistics.js";

/**
 * What can be done to the system (IPMI 2.0 §28.3, Redfish ResetType); `off` and `reset` are immediate, `softShutdown` and
 * `softReset` ask the guest.
 */
export type PowerOperation = "on" | "off" | "cycle" | "reset" | "softShutdown" | "softReset";

export interface PowerOptions {
  /** Time off in a cycle. */
  readonly cycleIntervalMs?: number;
  /** How long the client can wait for the end of the task, where that is longer than an IPMI client can. */
  readonly patienceMs?: number;
}

/** Boot devices that vSphere can honour (IPMI 2.0 table 28-14, data 2 bits [5:2]). */
export type BootDevice = "pxe" | "disk" | "cdrom" | "floppy" | "bios";

/** A boot device chosen instead of the VM's own order; `persistent` false is "next boot only". */
export interface BootOverride {
  readonly device: BootDevice;
  readonly persistent: boolean;
}

export interface Machine {
  /** The last pushed state while it is fresh; undefined while it is stale (no update from vCenter for 3 s). Never blocks. */
  snapshot(): MachineSnapshot | undefined;
  /** The last pushed state, also while it is stale: for what must not change because vCenter is away, such as a UUID. */
  lastSnapshot(): MachineSnapshot | undefined;
  /** Power state: from memory while fresh (no promise then), else read through within a bound. */
  powerState(): PowerState | Promise<PowerState>;
  /**
   * Resolves once the effect shows in powerState, or when the task runs longer than the bound that a client waits;
   * succeeds without doing anything when the system is there already.
   */
  power(operation: PowerOperation, options?: PowerOptions): Promise<void>;
  /** The override in force, undefined when the system boots by its own order. */
  bootOverride(): Promise<BootOverride | undefined>;
  /** undefined clears the override. */
  setBootOverride(override: BootOverride | undefined): Promise<void>;
  /** Live values, some seconds old at most; what the hypervisor does not tell is absent. */
  statistics(): Promise<MachineStatistics>;
  /** The hardware, some seconds old at most where nothing tells of a change. */
  inventory(): Promise<MachineInventory>;
  /** Changes firmware settings, all of them or none; invalidState: the system must be off for it. */
  configure(change: MachineChange): Promise<void>;
  /** What is in the drives, and what is on its way there. */
  media(): Promise<readonly MediaSlot[]>;
  /**
   * Brings an image into a drive; resolves once it is there, or after `timeoutMs` while it is on its way, which `media` tells
   * then. The same image for the same drive is not brought twice. badImage: it cannot be fetched, or is none; denied: it may
   * not be fetched, or the account may not store it; unsupported: the system has no place for it; invalidState: not now.
   */
  insertMedia(insertion: MediaInsertion, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Empties a drive, and calls off what is on its way there. As insertMedia otherwise. */
  ejectMedia(slot: MediaSlotId, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** What was pushed last of what is under way for a drive. Never blocks. */
  mediaProgress(slot: MediaSlotId): MediaProgress | undefined;
  /** A non-maskable interrupt to the guest (Chassis Control 4h, diagnostic interrupt). */
  diagnosticInterrupt(): Promise<void>;
}
