/** The machine of one BMC, at the other end of the supervisor: its state is pushed here, its operations go there. */
import { MachineError } from "../machine/errors.js";
import type { Machine } from "../machine/machine.js";
import type { MachineOperation, MachineOperationResult } from "../machine/operation.js";
import type { MachineSnapshot } from "../machine/snapshot.js";
import type { MachineReport } from "./messages.js";
import { createStatisticsCache } from "./statisticsCache.js";

/**
 * How long a command waits for the link, ms. Clients give up or ask again after 1 to 2 s (`ipmitool -N 1`,
 * ipmipower), and a power command must be answered truthfully within 2 s also while vCenter hangs.
 */
const operationTimeoutMs = 1_700;

type Operate = (operation: MachineOperation, timeoutMs: number) => Promise<MachineOperationResult>;

export interface RemoteMachine extends Machine {
  /** The link's latest word on the VM: it is the truth until the next one. */
  readonly receive: (report: MachineReport) => void;
}

export function createRemoteMachine(operate: Operate): RemoteMachine {
  let fresh: MachineSnapshot | undefined;

  async function run(operation: MachineOperation): Promise<Extract<MachineOperationResult, { ok: true }>> {
    const result = await operate(operation, operationTimeoutMs);
    if (!result.ok) {
      throw new MachineError(result.kind, result.message);
    }
    return result;
  }

  const statistics = createStatisticsCache(
    async () => (await run({ name: "readStatistics" })).statistics ?? {},
    Date.now,
  );

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
    powerState: () => fresh?.powerState ?? run({ name: "readSnapshot" }).then(requirePowerState),
    power: async (power, options) => {
      await run({ name: "power", power, ...options });
    },
    bootOverride: async () => (await run({ name: "readBootOverride" })).override ?? undefined,
    setBootOverride: async (override) => {
      await run({ name: "setBootOverride", override: override ?? null });
    },
    diagnosticInterrupt: async () => {
      await run({ name: "diagnosticInterrupt" });
    },
  };
}

function requirePowerState(result: Extract<MachineOperationResult, { ok: true }>): MachineSnapshot["powerState"] {
  if (!result.snapshot) {
    throw new MachineError("busy", "the vCenter link answered without a power state");
  }
  return result.snapshot.powerState;
}
