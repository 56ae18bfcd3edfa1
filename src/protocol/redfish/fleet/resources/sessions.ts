/** DSP0268 "SessionService 1.2.0", "Session 1.8.0": logins to the fleet. */
import { text } from "../../checks.js";
import { link, textOf } from "../../json.js";
import type { Principal } from "../../privileges.js";
import { rootUri } from "../../representation.js";
import { defineCollection, defineResource, type Resource, type Visit } from "../../resource.js";
import type { TableSession } from "../../sessionTable.js";
import { bestRoleOf, type FleetOwner, type FleetParts, principalOf } from "../parts.js";

const serviceUri = `${rootUri}/SessionService`;
const sessionsUri = `${serviceUri}/Sessions`;
/** Longer ones are no account's; they are refused as wrong, not as too long. */
const credential = { maxBytes: 256 } as const;

export const sessionResources: readonly Resource<FleetParts>[] = [
  defineResource<FleetParts>({
    uri: serviceUri,
    type: "SessionService.v1_2_0.SessionService",
    entity: "SessionService",
    read: ({ timeoutSeconds }) => ({
      Id: "SessionService",
      Name: "Session Service",
      Status: { State: "Enabled", Health: "OK" },
      ServiceEnabled: true,
      SessionTimeout: timeoutSeconds,
      Sessions: link(sessionsUri),
    }),
  }),
  defineCollection<FleetParts>({
    uri: sessionsUri,
    of: "Session",
    name: "Sessions",
    entity: "SessionCollection",
    ids: ({ sessions, principal }) =>
      sessions
        .all()
        .filter(visibleTo(principal))
        .map(({ id }) => id),
    create: {
      isPublic: true,
      properties: {
        UserName: { isRequired: true, check: text(credential) },
        Password: { isRequired: true, check: text({ ...credential, isSecret: true }) },
      },
      run: async ({ UserName, Password }, { logIn, sessions, remote }) => {
        const owner = await logIn(textOf(UserName), textOf(Password), remote);
        const { session, token } = sessions.open(owner, remote);
        return {
          uri: `${sessionsUri}/${session.id}`,
          headers: { "X-Auth-Token": token },
          principal: principalOf(owner, session.id),
        };
      },
    },
  }),
  defineResource<FleetParts>({
    uri: `${sessionsUri}/{sessionId}`,
    type: "Session.v1_8_0.Session",
    entity: "Session",
    has: (visit) => find(visit) !== undefined,
    isOwn: (visit) => isOwn(find(visit), visit.principal),
    read: (visit) => {
      const found = find(visit);
      return {
        Id: found?.id,
        Name: "User Session",
        UserName: found?.owner.userName,
        Password: null,
        SessionType: "Redfish",
        ClientOriginIPAddress: found?.remote,
        CreatedTime: new Date(found?.createdAt ?? 0).toISOString(),
        Roles: found && [bestRoleOf(found.owner)],
      };
    },
    remove: ({ sessions, params }) => {
      sessions.close(params["sessionId"] ?? "");
      return Promise.resolve();
    },
  }),
];

function find({ sessions, params, principal }: Visit<FleetParts>): TableSession<FleetOwner> | undefined {
  const session = sessions.find(params["sessionId"] ?? "");
  return session && visibleTo(principal)(session) ? session : undefined;
}

/** An account of one BMC is not to see who else is logged in. */
function visibleTo(principal: Principal | undefined): (session: TableSession<FleetOwner>) => boolean {
  return (session) => principal?.role === "Administrator" || isOwn(session, principal);
}

function isOwn(session: TableSession<FleetOwner> | undefined, principal: Principal | undefined): boolean {
  return session !== undefined && (session.id === principal?.sessionId || isSameOwner(session, principal));
}

function isSameOwner({ owner }: TableSession<FleetOwner>, principal: Principal | undefined): boolean {
  return owner.kind === "fleet" && principal?.userName === owner.userName && principal.role === owner.role;
}
