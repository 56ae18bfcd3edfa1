/**
 * "Next boot only": vSphere knows only an order that stays, so the former one is remembered, and comes back after the VM
 * has started. A server that takes no new order while the VM is on gets it when the VM is off.
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

/** A boot device that is to be forgotten after one start. */
export interface PendingBoot {
  readonly device: OrderedDevice;
  /** The order that comes back. */
  readonly former: readonly BootEntry[];
  /** Whether the VM was on when the device was set. */
  readonly wasOn: boolean;
  /** runtime.bootTime when the device was set, null where there was none: another one means that the VM has started. */
  readonly bootTime: string | null;
  /** IDs of the VM's latest tasks when the device was set: a reset that is not among them came later. */
  readonly tasks: readonly string[];
  /** When the VM was seen to have started, ms since the epoch. */
  readonly startedAt?: number;
}

/** What is remembered of the boot order of one VM. */
export interface BootNote {
  readonly pending?: PendingBoot;
  /** What the server would not take while the VM was on: null is no boot device. */
  readonly delayed?: { readonly override: BootOverride | null };
}

/** Keeps the note of one VM, also over a restart of the daemon. */
export interface BootMemory {
  readonly read: () => BootNote;
  readonly write: (note: BootNote) => Promise<void>;
}

/** Gives the VM ConfigSpec.bootOptions. */
export type Reconfigure = (bootOptions: Record<string, unknown>) => Promise<void>;

/** What `get` tells: the VM's own boot options, and whether we mean to take them back. */
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
  // A device for one start has done its work with the start, though the former order may come back later.
  return persistently(first?.device === pending.device ? pending.former : order);
}

function persistently([first]: readonly BootEntry[]): BootOverride | undefined {
  return first && { device: first.device, persistent: true };
}

/**
 * Brings `override` about by `reconfigure`. What is remembered is written before the VM changes, so that no order is lost
 * in between. Resolves with false when the server takes it only while the VM is off: `settleBeforeStart` is for then.
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
    // What it would have come on top of was never touched.
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
  // The VM may have been started meanwhile, which is noted.
  await memory.write(note.pending ? { pending: memory.read().pending ?? note.pending } : note);
  return true;
}

/** The boot options that bring the override about, and what is to be remembered then. */
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
    // vSphere itself forgets the wish for the firmware set-up after one start.
    return { bootOptions: toBootOptions(true, former), note: {} };
  }
  const { device, persistent } = override;
  const bootOptions = toBootOptions(false, await orderWithFirst(session, machine, device, former));
  const { isOn, bootTime = null, tasks } = present;
  return { bootOptions, note: persistent ? {} : { pending: { device, former, wasOn: isOn, bootTime, tasks } } };
}

/** Reports contradict each other on whether servers take a new boot order while the VM is on. */
function isRefusedWhileOn(error: unknown): boolean {
  return isFault(error, "InvalidPowerState") && textOf(fieldOf(error.detail, "existingState")) !== "poweredOff";
}

/**
 * Gives the former order back after a start, unless somebody else has chosen another device since. Resolves with false when the server
 * takes it only while the VM is off.
 */
export async function restoreOrder(
  session: VimSession,
  machine: MoRef,
  memory: BootMemory,
  reconfigure: Reconfigure,
): Promise<boolean> {
  const { pending, ...others } = memory.read();
  // One that was set after the start is for the next start.
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
 * What has waited for the VM to be off, or for its first start to be over; to be called before it is switched on or reset by
 * us. A VM that is on already is not switched on: its firmware may not have read the order yet.
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
