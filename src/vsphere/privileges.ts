/** The privileges of the account on a VM, compared with those that a BMC needs. */
import { fromSoap, type MoRef, toSoap } from "./moRef.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";

/** vSphere privilege IDs, and the feature that needs each. */
export const neededPrivileges: Readonly<Record<string, string>> = {
  "VirtualMachine.Interact.PowerOn": "power on",
  "VirtualMachine.Interact.PowerOff": "power off and soft shutdown",
  "VirtualMachine.Interact.Reset": "reset",
  "VirtualMachine.Config.Settings": "boot device",
};

/** As neededPrivileges, of what many BMCs are never asked for. */
export const optionalPrivileges: Readonly<Record<string, string>> = {
  "VirtualMachine.Interact.AnswerQuestion": "vbmc answer",
  "VirtualMachine.Interact.GuestControl": "diagnostic interrupt",
};

const allPrivileges = [...Object.keys(neededPrivileges), ...Object.keys(optionalPrivileges)];

/**
 * For each VM, by its reference's value, the privileges of these two tables that the account does not have; undefined where the
 * server does not tell. Throws VimFault for servers that do not know the method, as govmomi's simulator.
 */
export async function missingPrivileges(
  session: VimSession,
  machines: readonly MoRef[],
): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  const { authorizationManager } = session.content;
  const sessionId = session.key();
  if (!authorizationManager || sessionId === undefined) {
    return undefined;
  }
  const answer = await session.call("HasPrivilegeOnEntities", authorizationManager, {
    entity: machines.map(toSoap),
    sessionId,
    privId: allPrivileges,
  });
  return new Map(
    listOf(answer).flatMap((entity) => {
      const machine = fromSoap(fieldOf(entity, "entity"));
      return machine ? [[machine.value, missingOf(entity)] as const] : [];
    }),
  );
}

/** The missing privileges in one EntityPrivilege. */
function missingOf(entity: unknown): readonly string[] {
  const granted = listOf(fieldOf(entity, "privAvailability"))
    .filter((availability) => textOf(fieldOf(availability, "isGranted")) === "true")
    .map((availability) => textOf(fieldOf(availability, "privId")));
  return allPrivileges.filter((id) => !granted.includes(id));
}
