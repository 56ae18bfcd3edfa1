/** ComputerSystem.Reset (DSP0268 "ComputerSystem"): power operations as over IPMI, with their real outcome. */
import { restartCause } from "../../../model/bmc/power/restartCause.js";
import { MachineError } from "../../../model/machine/errors.js";
import type { PowerOperation } from "../../../model/machine/machine.js";
import { oneOf } from "../checks.js";
import { textOf } from "../json.js";
import type { Action, Visit } from "../resource.js";

/** Longest time to follow a task, ms. */
const timeoutMs = 600_000;

const operations: Readonly<Record<string, PowerOperation>> = {
  On: "on",
  ForceOn: "on",
  ForceOff: "off",
  GracefulShutdown: "softShutdown",
  GracefulRestart: "softReset",
  ForceRestart: "reset",
  PowerCycle: "cycle",
};

export const resetTypes = [...Object.keys(operations), "PushPowerButton", "Nmi"];

export const resetSystem: Action = {
  parameters: { ResetType: { isRequired: true, check: oneOf(resetTypes) } },
  run: async ({ ResetType }, visit) => {
    const { bmc, machine, principal, remote } = visit;
    const origin = { by: "command", userId: principal?.userId ?? 0, address: remote } as const;
    if (ResetType === "Nmi") {
      bmc.bootFlags.chassisControlled(false);
      await machine.diagnosticInterrupt();
      bmc.events.record({ type: "diagnosticInterrupt", origin });
      return undefined;
    }
    const operation = operations[textOf(ResetType)] ?? (await pushedButton(visit));
    if (needsPower.includes(operation) && (await machine.powerState()) !== "poweredOn") {
      throw new MachineError("invalidState", `the VM is off: ${textOf(ResetType)} needs one that is on, On starts it`);
    }
    await bmc.chassis.power(operation, restartCause.chassisControl, origin, { timeoutMs });
    return undefined;
  },
};

/** vSphere would refuse them too, with less to go by. */
const needsPower: readonly PowerOperation[] = ["reset", "cycle", "softReset"];

async function pushedButton({ machine }: Visit): Promise<PowerOperation> {
  return (await machine.powerState()) === "poweredOn" ? "softShutdown" : "on";
}
