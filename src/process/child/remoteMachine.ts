/** The machine of one BMC, at the other end of the supervisor: its state is pushed here, its operations go there. */
import { type Deadline, deadlineIn } from "../../base/async/deadline.js";
import { MachineError } from "../../model/machine/errors.js";
import type { Machine } from "../../model/machine/machine.js";
import type { MediaSlot } from "../../model/machine/media.js";
import type {
  MachineOperation,
  MachineOperationName,
  MachineOperationResult,
  MachineOperations,
} from "../../model/machine/operation.js";
import type { MachineSnapshot } from "../../model/machine/snapshot.js";
import type { MachineReport } from "../ipc/reports.js";
import { createReadingCache } from "./readingCache.js";

/**
 * How long a command waits for the link, ms. Clients give up or ask again after 1 to 2 s (`ipmitool -N 1`,
 * ipmipower), and a power command must be answered truthfully within 2 s also while vCenter hangs.
 */
const operationTimeoutMs = 1_700;
/** For what only Redfish asks for: its clients wait longer (Ansible 10 s, sushy 60 s), ms. */
const patientTimeoutMs = 8_000;

/** Runs an operation at the other end of the supervisor; never rejects. */
type Operate = (operation: MachineOperation, deadline: Deadline) => Promise<MachineOperationResult>;

export interface RemoteMachine extends Machine {
  /** Takes the link's report on the VM: it holds until the next one. */
  readonly receive: (report: MachineReport) => void;
  /** Takes what the link reports of the drives: it holds until the next one. */
  readonly receiveMedia: (slots: readonly MediaSlot[]) => void;
  /** What was under way has failed: the machine may be otherwise than it was told to be. */
  readonly operationFailed: () => void;
}

export function createRemoteMachine(operate: Operate): RemoteMachine {
  /** The only place in which a BMC's process holds the VM's state. */
  let last: MachineSnapshot | undefined;
  let isFresh = false;
  let slots: readonly MediaSlot[] = [];
  const fresh = (): MachineSnapshot | undefined => (isFresh ? last : undefined);

  async function run<Name extends MachineOperationName>(
    name: Name,
    request: MachineOperations[Name]["request"],
    timeoutMs = operationTimeoutMs,
  ): Promise<MachineOperations[Name]["result"]> {
    const operation = { name, ...request } as MachineOperation;
    const result = (await operate(operation, deadlineIn(timeoutMs))) as MachineOperationResult<Name>;
    if (!result.ok) {
      throw new MachineError(result.kind, result.message);
    }
    return result.value;
  }

  const statistics = createReadingCache(() => run("readStatistics", {}), Date.now);
  const inventory = createReadingCache(() => run("readInventory", {}, patientTimeoutMs), Date.now);

  /** Good until something tells of a change: who polls a System asks vCenter nothing. */
  const bootOverride = createReadingCache(() => run("readBootOverride", {}), Date.now, {
    lifetimeMs: Infinity,
    failureLifetimeMs: 0,
  });

  /** What the work changes is read anew, while it goes on and after it. */
  async function changing<T>(work: Promise<T>, caches: readonly { readonly forget: () => void }[]): Promise<T> {
    caches.forEach((cache) => cache.forget());
    return work.finally(() => caches.forEach((cache) => cache.forget()));
  }

  return {
    operationFailed: bootOverride.forget,
    receive: (report) => {
      const before = fresh();
      isFresh = report.fresh;
      last = report.fresh ? report.snapshot : last;
      if (differs(["powerState", "instanceUuid"], before, fresh())) {
        statistics.forget();
      }
      if (differs(inventoryHints, before, fresh())) {
        inventory.forget();
      }
      // The link reports as well when a start by others has used a boot device up, which shows in no property.
      bootOverride.forget();
    },
    statistics: statistics.get,
    snapshot: fresh,
    lastSnapshot: () => last,
    powerState: () => fresh()?.powerState ?? run("readSnapshot", {}).then(({ powerState }) => powerState),
    power: (power, { timeoutMs, ...options } = {}) =>
      changing(run("power", { power, ...options }, timeoutMs), [bootOverride]),
    // A server that numbers no configurations does not tell when its boot order is changed by others.
    bootOverride: () => (fresh()?.changeVersion === undefined ? run("readBootOverride", {}) : bootOverride.get()),
    setBootOverride: (override) => changing(run("setBootOverride", { override: override ?? null }), [bootOverride]),
    inventory: inventory.get,
    configure: (change) => changing(run("configure", { change }, patientTimeoutMs), [inventory, bootOverride]),
    media: async () => (slots = await run("readMedia", {}, patientTimeoutMs)),
    receiveMedia: (reported) => {
      slots = reported;
    },
    mediaProgress: (slot) => slots.find(({ id }) => id === slot)?.progress,
    insertMedia: (insertion, { timeoutMs } = {}) => run("insertMedia", insertion, timeoutMs ?? patientTimeoutMs),
    ejectMedia: (slot, { timeoutMs } = {}) => run("ejectMedia", { slot }, timeoutMs ?? patientTimeoutMs),
    diagnosticInterrupt: () => run("diagnosticInterrupt", {}),
  };
}

/** What shows that the hardware, or what the guest tells of it, is another. */
const inventoryHints = ["powerState", "instanceUuid", "changeVersion", "toolsRunning", "guestHostName"] as const;

function differs(
  fields: readonly (keyof MachineSnapshot)[],
  before: MachineSnapshot | undefined,
  now: MachineSnapshot | undefined,
): boolean {
  return fields.some((field) => before?.[field] !== now?.[field]);
}
