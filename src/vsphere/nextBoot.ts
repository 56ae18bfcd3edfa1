/**
 * "Next boot only": vSphere knows only an order that stays, so the former one is remembered, and comes back after the VM
 * has started.
 */
import type { BootOverride } from "../machine/machine.js";
import { orderWithFirst, readBootOptions, toBootOptions, type BootEntry, type OrderedDevice } from "./bootOrder.js";
import type { MoRef } from "./moRef.js";
import type { VimSession } from "./session.js";

/** A boot device that is to be forgotten after one start. */
export interface PendingBoot {
  readonly device: OrderedDevice;
  /** The order that comes back. */
  readonly former: readonly BootEntry[];
  /** runtime.bootTime when the device was set, null while the VM was off: another one means that it has started. */
  readonly bootTime: string | null;
  /** When the VM was seen to have started, ms since the epoch. */
  readonly startedAt?: number;
}

/** Keeps the pending boot of one VM, also over a restart of the daemon. */
export interface BootMemory {
  readonly read: () => PendingBoot | undefined;
  readonly write: (pending: PendingBoot | undefined) => Promise<void>;
}

/** What `get` tells: the VM's own boot options, and whether we mean to take them back. */
export async function readOverride(
  session: VimSession,
  machine: MoRef,
  memory: BootMemory,
): Promise<BootOverride | undefined> {
  const { enterBiosSetup, order } = await readBootOptions(session, machine);
  if (enterBiosSetup) {
    return { device: "bios", persistent: false };
  }
  const [first] = order;
  return first && { device: first.device, persistent: memory.read() === undefined };
}

/**
 * Brings `override` about by `reconfigure`, which is given ConfigSpec.bootOptions. What is remembered is written before
 * the VM changes, so that no order is lost in between.
 */
export async function applyOverride(
  session: VimSession,
  machine: MoRef,
  memory: BootMemory,
  override: BootOverride | undefined,
  reconfigure: (bootOptions: Record<string, unknown>) => Promise<void>,
): Promise<void> {
  const pending = memory.read();
  if (!override || override.device === "bios") {
    // vSphere itself forgets the wish for the firmware set-up after one start.
    const isBios = override !== undefined;
    const order = pending?.former ?? (isBios ? (await readBootOptions(session, machine)).order : []);
    await reconfigure(toBootOptions(isBios, order));
    await memory.write(undefined);
    return;
  }
  const present = await readBootOptions(session, machine);
  const former = pending?.former ?? present.order;
  const order = await orderWithFirst(session, machine, override.device, former);
  if (override.persistent) {
    await reconfigure(toBootOptions(false, order));
    await memory.write(undefined);
    return;
  }
  await memory.write({ device: override.device, former, bootTime: present.bootTime ?? null });
  try {
    await reconfigure(toBootOptions(false, order));
  } catch (error) {
    await memory.write(pending);
    throw error;
  }
}

/** Gives the former order back, unless somebody else has chosen another device since. */
export async function restoreOrder(
  session: VimSession,
  machine: MoRef,
  memory: BootMemory,
  reconfigure: (bootOptions: Record<string, unknown>) => Promise<void>,
): Promise<void> {
  const pending = memory.read();
  if (!pending) {
    return;
  }
  const { order, enterBiosSetup } = await readBootOptions(session, machine);
  if (order[0]?.device === pending.device) {
    await reconfigure(toBootOptions(enterBiosSetup, pending.former));
  }
  await memory.write(undefined);
}
