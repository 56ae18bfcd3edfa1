/** The machine of one BMC, at the other end of the supervisor: its state is pushed here, its operations go there. */
import { MachineError } from "../machine/errors.js";
import type { Machine } from "../machine/machine.js";
import type {
  MachineOperation,
  MachineOperationName,
  MachineOperationResult,
  MachineOperations,
} from "../machine/operation.js";
import type { MachineSnapshot } from "../machine/snapshot.js";
import type { MachineReport } from "./messages.js";
import { createStatisticsCache } from "./statisticsCache.js";

/**
 * How long a command waits for the link, ms. Clients give up or ask again after 1 to 2 s (`ipmitool -N 1`,
 * ipmipower), and a power command must be answered truthfully within 2 s also while vCenter hangs.
 */
const operationTimeoutMs = 1_700;

/** Runs an operation at the other end of the supervisor; never rejects. */
type Operate = (operation: MachineOperation, timeoutMs: number) => Promise<MachineOperationResult>;

export interface RemoteMachine extends Machine {
  /** The link's latest word on the VM: it is the truth until the next one. */
  readonly receive: (report: MachineReport) => void;
}

export function createRemoteMachine(operate: Operate): RemoteMachine {
  let fresh: MachineSnapshot | undefined;

  async function run<Name extends MachineOperationName>(
    name: Name,
    request: MachineOperations[Name]["request"],
  ): Promise<MachineOperations[Name]["result"]> {
    const operation = { name, ...request } as MachineOperation;
    const result = (await operate(operation, operationTimeoutMs)) as MachineOperationResult<Name>;
    if (!result.ok) {
      throw new MachineError(result.kind, result.message);
    }
    return result.value;
  }

  const statistics = createStatisticsCache(() => run("readStatistics", {}), Date.now);

  return {
    receive: (report) => {
      const before = fresh;
      fresh = report.fresh ? report.snapshot : undefined;
      if (fresh?.powerState !== before?.powerState || fresh?.instanceUuid !== before?.instanceUuid) {
        statistics.forget();
      }
    },
    statistics: statistics.get,
    snapshot: () => fresh,
    powerState: () => fresh?.powerState ?? run("readSnapshot", {}).then(({ powerState }) => powerState),
    power: (power, options) => run("power", { power, ...options }),
    bootOverride: () => run("readBootOverride", {}),
    setBootOverride: (override) => run("setBootOverride", { override: override ?? null }),
    diagnosticInterrupt: () => run("diagnosticInterrupt", {}),
  };
}
