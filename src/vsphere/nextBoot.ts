/**
 * "Next boot only": vSphere has only permanent boot orders, so the previous one is stored, and restored after the VM has
 * started. A server that rejects a new order while the VM is on gets it when the VM is off.
 */
import type { BootOverride } from "../model/machine/machine.js";
import {
  type BootEntry,
  type BootOptions,
  type OrderedDevice,
  orderWithFirst,
  readBootOptions,
  toBootOptions,
} from "./bootOrder.js";
import { isFault } from "./faults.js";
import type { MoRef } from "./moRef.js";
import type { VimSession } from "./session.js";
import { fieldOf, textOf } from "./soapValue.js";

/** A boot device for one start. */
export interface PendingBoot {
  readonly device: OrderedDevice;
  /** The order to restore. */
  readonly former: readonly BootEntry[];
  /** Whether the VM was on when the device was set. */
  readonly wasOn: boolean;
  /** runtime.bootTime when the device was set, null if there was none: a different one means that the VM has started. */
  readonly bootTime: string | null;
  /** IDs of the VM's latest tasks when the device was set: any other reset came later. */
  readonly tasks: readonly string[];
  /** When the VM was seen to have started, ms since the epoch. */
  readonly startedAt?: number;
}

/** The stored boot order state of one VM. */
export interface BootNote {
  readonly pending?: PendingBoot;
  /** The change that the server rejected while the VM was on; null: no boot device. */
  readonly delayed?: { readonly override: BootOverride | null };
}

/** Stores the note of one VM across restarts of the daemon. */
export interface BootMemory {
  readonly read: () => BootNote;
  readonly write: (note: BootNote) => Promise<void>;
}

/** Reconfigures the VM with ConfigSpec.bootOptions. */
export type Reconfigure = (bootOptions: Record<string, unknown>) => Promise<void>;

/** The VM's boot options, and whether they will be restored later. */
export async function readOverride(
  session: VimSession,
  machine: MoRef,
  memory: BootMemory,
): Promise<BootOverride | undefined> {
  const { enterBiosSetup, order } = await readBootOptions(session, machine);
  const { pending, delayed } = memory.read();
  if (delayed) {
    return delayed.override ?? persistently(pending?.former ?? []);
  }
  if (enterBiosSetup) {
    return { device: "bios", persistent: false };
  }
  const [first] = order;
  if (pending?.startedAt === undefined) {
    return first && { device: first.device, persistent: pending === undefined };
  }
  // A device for one start is used up by the start, even if the previous order is restored later.
  return persistently(first?.device === pending.device ? pending.former : order);
}

function persistently([first]: readonly BootEntry[]): BootOverride | undefined {
  return first && { device: first.device, persistent: true };
}

/**
 * Applies `override` with `reconfigure`. The note is written before the VM changes, so that no order is lost in between.
 * Resolves with false if the server accepts it only while the VM is off: then call `settleBeforeStart`.
 */
export async function applyOverride(
  session: VimSession,
  machine: MoRef,
  memory: BootMemory,
  override: BootOverride | undefined,
  reconfigure: Reconfigure,
): Promise<boolean> {
  const before = memory.read();
  const { pending, delayed } = before;
  if (!override && !pending && delayed?.override?.persistent === false) {
    // The order that it would have replaced was never changed.
    await memory.write({});
    return true;
  }
  const present = await readBootOptions(session, machine);
  const { bootOptions, note } = await planOf(session, machine, override, present, before);
  if (note.pending) {
    await memory.write({ ...before, ...note });
  }
  try {
    await reconfigure(bootOptions);
  } catch (error) {
    const isDelayed = isRefusedWhileOn(error);
    await memory.write(isDelayed ? { ...before, delayed: { override: override ?? null } } : before);
    if (isDelayed) {
      return false;
    }
    throw error;
  }
  // The VM may have been started in the meantime: record that.
  await memory.write(note.pending ? { pending: memory.read().pending ?? note.pending } : note);
  return true;
}

/** The boot options that apply the override, and the note to store with them. */
async function planOf(
  session: VimSession,
  machine: MoRef,
  override: BootOverride | undefined,
  present: BootOptions,
  { pending }: BootNote,
): Promise<{ readonly bootOptions: Record<string, unknown>; readonly note: BootNote }> {
  const former = pending?.former ?? present.order;
  if (!override) {
    return { bootOptions: toBootOptions(false, pending?.former ?? []), note: {} };
  }
  if (override.device === "bios") {
    // vSphere itself clears the request for the firmware setup after one start.
    return { bootOptions: toBootOptions(true, former), note: {} };
  }
  const { device, persistent } = override;
  const bootOptions = toBootOptions(false, await orderWithFirst(session, machine, device, former));
  const { isOn, bootTime = null, tasks } = present;
  return { bootOptions, note: persistent ? {} : { pending: { device, former, wasOn: isOn, bootTime, tasks } } };
}

/** Sources disagree on whether servers accept a new boot order while the VM is on. */
function isRefusedWhileOn(error: unknown): boolean {
  return isFault(error, "InvalidPowerState") && textOf(fieldOf(error.detail, "existingState")) !== "poweredOff";
}

/**
 * Restores the previous order after a start, unless another device has been set from outside since. Resolves with false if
 * the server accepts it only while the VM is off.
 */
export async function restoreOrder(
  session: VimSession,
  machine: MoRef,
  memory: BootMemory,
  reconfigure: Reconfigure,
): Promise<boolean> {
  const { pending, ...others } = memory.read();
  // A device set after the start is for the next start.
  if (pending?.startedAt === undefined) {
    return true;
  }
  const { order, enterBiosSetup } = await readBootOptions(session, machine);
  if (order[0]?.device === pending.device) {
    try {
      await reconfigure(toBootOptions(enterBiosSetup, pending.former));
    } catch (error) {
      if (isRefusedWhileOn(error)) {
        return false;
      }
      throw error;
    }
  }
  await memory.write(others);
  return true;
}

/**
 * Applies changes that waited for the VM to be off or for its first start to be over. Call it before switching on or
 * resetting the VM; not for a VM that is already on, whose firmware may not have read the order yet.
 */
export async function settleBeforeStart(
  session: VimSession,
  machine: MoRef,
  memory: BootMemory,
  start: "on" | "reset",
  reconfigure: Reconfigure,
): Promise<void> {
  const { pending, delayed } = memory.read();
  if (!delayed && pending?.startedAt === undefined) {
    return;
  }
  if (start === "on" && (await readBootOptions(session, machine)).isOn) {
    return;
  }
  if (delayed) {
    await applyOverride(session, machine, memory, delayed.override ?? undefined, reconfigure);
  } else {
    await restoreOrder(session, machine, memory, reconfigure);
  }
}
