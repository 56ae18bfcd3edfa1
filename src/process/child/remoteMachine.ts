/** The machine of one BMC, accessed through the supervisor: its state is pushed here, its operations are sent there. */
import { type Deadline, deadlineIn } from "../../base/async/deadline.js";
import { defined } from "../../base/defined.js";
import { MachineError } from "../../model/machine/errors.js";
import type { Machine, MachineTrouble } from "../../model/machine/machine.js";
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
 * How long a command waits for the link, ms. Clients give up or retry after 1 to 2 s (`ipmitool -N 1`, ipmipower), and
 * a power command must get a correct answer within 2 s even if vCenter hangs.
 */
const operationTimeoutMs = 1_700;
/** For operations that only Redfish uses: its clients wait longer (Ansible 10 s, sushy 60 s), ms. */
const patientTimeoutMs = 8_000;

/** Sends an operation through the supervisor; never rejects. */
type Operate = (operation: MachineOperation, deadline: Deadline) => Promise<MachineOperationResult>;

export interface RemoteMachine extends Machine {
  /** Stores the link's report on the VM, which is valid until the next one. */
  readonly receive: (report: MachineReport) => void;
  /** Stores the link's report on the drives, which is valid until the next one. */
  readonly receiveMedia: (slots: readonly MediaSlot[]) => void;
  /** An operation in progress has failed: the machine's state may differ from the requested one. */
  readonly operationFailed: () => void;
}

export function createRemoteMachine(operate: Operate): RemoteMachine {
  /** The only place in a BMC's process that stores the VM's state. */
  let last: MachineSnapshot | undefined;
  let isFresh = false;
  let trouble: MachineTrouble | undefined;
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

  /** Cached until a change is reported: polling a System does not query vCenter. */
  const bootOverride = createReadingCache(() => run("readBootOverride", {}), Date.now, {
    lifetimeMs: Infinity,
    failureLifetimeMs: 0,
  });

  /** What the operation changes is read again, during and after it. */
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
      trouble = report.fresh ? undefined : troubleOf(report, trouble);
      if (differs(["powerState", "instanceUuid"], before, fresh())) {
        statistics.forget();
      }
      if (differs(inventoryHints, before, fresh())) {
        inventory.forget();
      }
      // The link also reports when a start by another client has used a boot device, which no property shows.
      bootOverride.forget();
    },
    statistics: statistics.get,
    snapshot: fresh,
    lastSnapshot: () => last,
    trouble: () => trouble,
    powerState: () => fresh()?.powerState ?? run("readSnapshot", {}).then(({ powerState }) => powerState),
    power: (power, { timeoutMs, ...options } = {}) =>
      changing(run("power", { power, ...options }, timeoutMs), [bootOverride]),
    // A server without configuration versions does not report changes of its boot order by other clients.
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

/** A change of these values means that the hardware, or the guest's report on it, has changed. */
const inventoryHints = ["powerState", "instanceUuid", "changeVersion", "toolsRunning", "guestHostName"] as const;

function differs(
  fields: readonly (keyof MachineSnapshot)[],
  before: MachineSnapshot | undefined,
  now: MachineSnapshot | undefined,
): boolean {
  return fields.some((field) => before?.[field] !== now?.[field]);
}

function troubleOf(
  { reason, nextTry }: Extract<MachineReport, { readonly fresh: false }>,
  before: MachineTrouble | undefined,
): MachineTrouble {
  const since = before?.reason === reason ? before.since : Date.now();
  return defined({ reason, since, nextTry });
}
