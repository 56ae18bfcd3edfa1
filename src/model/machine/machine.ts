/**
 * The managed system as a BMC sees it: queries and operations, independent of the hypervisor. Every method that returns
 * a promise rejects only with MachineError, and settles within a timeout.
 */
import type { MachineChange, MachineInventory } from "./inventory.js";
import type { MediaInsertion, MediaProgress, MediaSlot, MediaSlotId } from "./media.js";
import type { MachineSnapshot, PowerState } from "./snapshot.js";
import type { MachineStatistics } from "./statistics.js";

/**
 * Power operations (IPMI 2.0 §28.3, Redfish ResetType); `off` and `reset` are immediate, `softShutdown` and `softReset`
 * ask the guest.
 */
export type PowerOperation = "on" | "off" | "cycle" | "reset" | "softShutdown" | "softReset";

export interface PowerOptions {
  /** Time off in a power cycle. */
  readonly cycleIntervalMs?: number;
  /** How long the client can wait for the end of the task, if longer than an IPMI client. */
  readonly timeoutMs?: number;
}

/** Boot devices that vSphere supports (IPMI 2.0 table 28-14, data 2 bits [5:2]). */
export type BootDevice = "pxe" | "disk" | "cdrom" | "floppy" | "bios";

/** A boot device that overrides the VM's own order; `persistent` false is "next boot only". */
export interface BootOverride {
  readonly device: BootDevice;
  readonly persistent: boolean;
}

/** Why nothing is known of the machine now. */
export interface MachineTrouble {
  /** One line with the problem and the remedy. */
  readonly reason: string;
  /** When the next attempt is made, ISO 8601, where that is known. */
  readonly nextTry?: string;
  /** When it was reported first, ms since the epoch. */
  readonly since: number;
}

export interface Machine {
  /** The last pushed state while it is fresh; undefined while it is stale (no update from vCenter for 3 s). Never blocks. */
  snapshot(): MachineSnapshot | undefined;
  /** The last pushed state, even if stale: for what must not change when vCenter is unreachable, such as a UUID. */
  lastSnapshot(): MachineSnapshot | undefined;
  /** Why `snapshot` is undefined, once that was reported. */
  trouble(): MachineTrouble | undefined;
  /** Power state: from memory while fresh (without a promise), else read from vSphere within a timeout. */
  powerState(): PowerState | Promise<PowerState>;
  /**
   * Resolves once the effect shows in powerState, or if the task runs longer than the client waits; does nothing if the
   * system is in the requested state already.
   */
  power(operation: PowerOperation, options?: PowerOptions): Promise<void>;
  /** The current override, undefined if the system boots by its own order. */
  bootOverride(): Promise<BootOverride | undefined>;
  /** undefined clears the override. */
  setBootOverride(override: BootOverride | undefined): Promise<void>;
  /** Live values, a few seconds old at most; values that the hypervisor does not report are absent. */
  statistics(): Promise<MachineStatistics>;
  /** The hardware, a few seconds old at most if changes are not reported. */
  inventory(): Promise<MachineInventory>;
  /** Changes all of these firmware settings or none; invalidState: the system must be off for that. */
  configure(change: MachineChange): Promise<void>;
  /** The inserted images, and the insertions in progress. */
  media(): Promise<readonly MediaSlot[]>;
  /**
   * Inserts an image into a drive; resolves once it is inserted, or after `timeoutMs` while the insertion continues, which
   * `media` then reports. Repeating a request does not repeat the insertion. badImage: it cannot be fetched, or is not an
   * image; denied: it must not be fetched, or the account may not store it; unsupported: the system has no drive for it;
   * invalidState: not possible now.
   */
  insertMedia(insertion: MediaInsertion, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Empties a drive, and cancels an insertion in progress. Otherwise like insertMedia. */
  ejectMedia(slot: MediaSlotId, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** What was pushed last of what is under way for a drive. Never blocks. */
  mediaProgress(slot: MediaSlotId): MediaProgress | undefined;
  /** Sends a non-maskable interrupt to the guest (Chassis Control 4h, diagnostic interrupt). */
  diagnosticInterrupt(): Promise<void>;
}
