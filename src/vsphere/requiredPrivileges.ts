/** What the account may do with single objects: asked before anything is changed, since a refusal alone says little. */
import { MachineError } from "../model/machine/errors.js";
import { isFault } from "./faults.js";
import { fromSoap, isSame, type MoRef, toSoap } from "./moRef.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";

export interface Wish {
  readonly object: MoRef;
  /** In words, for people. */
  readonly name: string;
  readonly privileges: readonly string[];
}

/** Throws MachineError that names what is missing; says nothing where the server does not tell. */
export async function requirePrivileges(session: VimSession, wishes: readonly Wish[]): Promise<void> {
  const missing = await missingOf(session, wishes);
  if (missing.length > 0) {
    const words = missing.map(({ name, privileges }) => `${privileges.join(", ")} on ${name}`);
    throw new MachineError("denied", `the account lacks privileges: add ${words.join(" and ")} to its roles`);
  }
}

/** The wishes with what is missing of each; none where the server does not tell. */
export async function missingOf(session: VimSession, wishes: readonly Wish[]): Promise<readonly Wish[]> {
  const { authorizationManager } = session.content;
  const sessionId = session.key();
  if (!authorizationManager || sessionId === undefined) {
    return [];
  }
  try {
    const answer = await session.call("HasPrivilegeOnEntities", authorizationManager, {
      entity: wishes.map(({ object }) => toSoap(object)),
      sessionId,
      privId: [...new Set(wishes.flatMap(({ privileges }) => privileges))],
    });
    return wishes.flatMap((wish) => {
      const entity = listOf(answer).find((each) => isSame(wish.object, fromSoap(fieldOf(each, "entity"))));
      const privileges = entity === undefined ? [] : wish.privileges.filter((id) => isDenied(entity, id));
      return privileges.length > 0 ? [{ ...wish, privileges }] : [];
    });
  } catch (error) {
    if (isFault(error, "MethodNotFound", "NotSupported", "NotImplemented", "InvalidRequest")) {
      return [];
    }
    throw error;
  }
}

function isDenied(entity: unknown, id: string): boolean {
  return listOf(fieldOf(entity, "privAvailability")).some(
    (availability) =>
      textOf(fieldOf(availability, "privId")) === id && textOf(fieldOf(availability, "isGranted")) === "false",
  );
}
