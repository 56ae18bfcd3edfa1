/** What the resources of a fleet are made of, and who asks for them. */
import type { BmcSummary, Caller, FleetRole } from "../../../model/fleet/summary.js";
import type { Principal, Role } from "../privileges.js";
import type { CommonParts, ServiceFacts } from "../resource.js";
import type { SessionTable } from "../sessionTable.js";
import type { FleetEvents } from "./events.js";
import type { Fleet } from "./fleet.js";

export interface FleetParts extends CommonParts {
  readonly fleet: Fleet;
  readonly sessions: SessionTable<FleetOwner>;
  readonly timeoutSeconds: number;
  readonly events: FleetEvents;
  readonly facts: Pick<ServiceFacts, "registryFile">;
  /** UUID of the service (DSP0266 "Service root"). */
  readonly uuid: string;
  /** The owner of a name and password. Rejects with 401. */
  readonly logIn: (userName: string, password: string, remote: string) => Promise<FleetOwner>;
}

/** Who has logged in. */
export type FleetOwner =
  /** `stamp`: of the account at login. */
  | { readonly kind: "fleet"; readonly userName: string; readonly role: Role; readonly stamp: string }
  /** `roles`: of the BMCs that have the account; changes as BMCs start. */
  | {
      readonly kind: "bmc";
      readonly userName: string;
      readonly proof: string;
      readonly roles: Map<string, FleetRole>;
    };

/** A principal of the fleet: no slot of any BMC's account. */
export interface FleetPrincipal extends Principal {
  readonly owner: FleetOwner;
}

const strongest: readonly Role[] = ["Administrator", "Operator", "ReadOnly"];

export function principalOf(owner: FleetOwner, sessionId?: string): FleetPrincipal {
  const session = sessionId === undefined ? {} : { sessionId };
  return { userId: 0, userName: owner.userName, role: roleOf(owner), owner, ...session };
}

/** What of the fleet's own an account of BMCs may do is no more than reading. */
function roleOf(owner: FleetOwner): Role {
  return owner.kind === "fleet" ? owner.role : "ReadOnly";
}

/** The strongest role that the owner has at any BMC. */
export function bestRoleOf(owner: FleetOwner): Role {
  if (owner.kind === "fleet") {
    return owner.role;
  }
  const held = [...owner.roles.values()];
  return strongest.find((role) => held.includes(role)) ?? "ReadOnly";
}

function ownerOf(principal: Principal | undefined): FleetOwner | undefined {
  return principal && "owner" in principal ? (principal as FleetPrincipal).owner : undefined;
}

/** As whom a BMC may be asked; undefined: the BMC is not there for this client. */
export function callerAt(name: string, principal: Principal | undefined): Caller | undefined {
  const owner = ownerOf(principal);
  if (owner?.kind === "fleet") {
    const { kind, userName, role } = owner;
    return { kind, userName, role };
  }
  return owner?.roles.has(name) === true ? { kind: "bmc", userName: owner.userName, proof: owner.proof } : undefined;
}

export function visibleBmcs(fleet: Fleet, principal: Principal | undefined): readonly BmcSummary[] {
  const owner = ownerOf(principal);
  return fleet.bmcs().filter(({ name }) => owner?.kind === "fleet" || owner?.roles.has(name) === true);
}
