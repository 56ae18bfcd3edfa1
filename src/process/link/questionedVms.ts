/** Which VM a question refers to: the one that the running BMC represents, else the one that a look-up finds. */
import { defined } from "../../base/defined.js";
import type { MachineError } from "../../model/machine/errors.js";
import { findMachines, type InventoryOwner, type WantedMachine } from "../../vsphere/inventory.js";
import { isSame, type MoRef } from "../../vsphere/moRef.js";
import type { VimSession } from "../../vsphere/session.js";
import type { QuestionedMachine } from "../ipc/question.js";

export interface ServedReferences {
  /** The VM that the next command of the BMC would reach. */
  readonly reference: (vmName: string) => MoRef | undefined;
  /** Instance UUID of the VM that the BMC represents, or represented last. */
  readonly instanceUuid: (vmName: string) => string | undefined;
}

/** For look-ups without a running link. */
export const noneServed: ServedReferences = { reference: () => undefined, instanceUuid: () => undefined };

export interface QuestionedVm {
  readonly result: MoRef | MachineError;
  /**
   * The result of a look-up, if it differs from the VM that the BMC represents: the BMC would use it after a restart.
   */
  readonly lookupResult?: MoRef | MachineError;
}

export async function findQuestioned(
  session: VimSession,
  machines: readonly QuestionedMachine[],
  owner: InventoryOwner,
  { reference, instanceUuid }: ServedReferences,
): Promise<ReadonlyMap<string, QuestionedVm>> {
  const driven = new Map(machines.map(({ vmName }) => [vmName, reference(vmName)]));
  const wanted = machines.map((machine): WantedMachine => {
    const previous =
      driven.get(machine.vmName) || machine.vmUuid !== undefined ? undefined : instanceUuid(machine.vmName);
    return defined({ ...machine, previousInstanceUuid: previous });
  });
  const found = new Map<string, QuestionedVm>();
  for (const [vmName, lookupResult] of await findMachines(session, wanted, owner)) {
    const served = driven.get(vmName);
    const isOther = served && (lookupResult instanceof Error || !isSame(lookupResult, served));
    found.set(vmName, { result: served ?? lookupResult, ...(isOther && { lookupResult }) });
  }
  return found;
}
