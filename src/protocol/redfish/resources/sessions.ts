/** DSP0268 "SessionService 1.2.0", "Session 1.8.0": login and the open sessions. */
import { integer, text } from "../checks.js";
import { link, textOf } from "../json.js";
import { rootUri } from "../representation.js";
import { defineCollection, defineResource, type Visit } from "../resource.js";
import { maxTimeoutSeconds, minTimeoutSeconds } from "../sessions.js";

const serviceUri = `${rootUri}/SessionService`;
const sessionsUri = `${serviceUri}/Sessions`;
/** No account has longer ones; they are refused as wrong, not as too long. */
const credential = { maxBytes: 256 } as const;

const sessionService = defineResource({
  uri: serviceUri,
  type: "SessionService.v1_2_0.SessionService",
  entity: "SessionService",
  read: ({ sessions }) => ({
    Id: "SessionService",
    Name: "Session Service",
    Status: { State: "Enabled", Health: "OK" },
    ServiceEnabled: true,
    SessionTimeout: sessions.timeoutSeconds(),
    Sessions: link(sessionsUri),
  }),
  writable: { SessionTimeout: integer(minTimeoutSeconds, maxTimeoutSeconds) },
  write: ({ SessionTimeout }, { sessions }) => sessions.setTimeoutSeconds(Number(SessionTimeout)),
});

const sessionCollection = defineCollection({
  uri: sessionsUri,
  of: "Session",
  name: "Sessions",
  entity: "SessionCollection",
  ids: ({ sessions }) => sessions.all().map(({ id }) => id),
  create: {
    isPublic: true,
    properties: {
      UserName: { isRequired: true, check: text(credential) },
      Password: { isRequired: true, check: text({ ...credential, isSecret: true }) },
    },
    run: ({ UserName, Password }, { logIn, sessions, remote }) => {
      const { user, role } = logIn(textOf(UserName), textOf(Password), remote);
      const { session, token } = sessions.open(user, role, remote);
      const { id, userId, userName } = session;
      return Promise.resolve({
        uri: `${sessionsUri}/${id}`,
        headers: { "X-Auth-Token": token },
        principal: { userId, userName, role, sessionId: id },
      });
    },
  },
});

const session = defineResource({
  uri: `${sessionsUri}/{sessionId}`,
  type: "Session.v1_8_0.Session",
  entity: "Session",
  has: (visit) => find(visit) !== undefined,
  isOwn: (visit) => find(visit)?.userId === visit.principal?.userId,
  read: (visit) => {
    const found = find(visit);
    return {
      Id: found?.id,
      Name: "User Session",
      UserName: found?.userName,
      Password: null,
      SessionType: "Redfish",
      ClientOriginIPAddress: found?.remote,
      CreatedTime: new Date(found?.createdAt ?? 0).toISOString(),
      Roles: found && [found.role],
    };
  },
  remove: ({ sessions, params }) => {
    sessions.close(params["sessionId"] ?? "");
    return Promise.resolve();
  },
});

function find({ sessions, params }: Visit): ReturnType<Visit["sessions"]["find"]> {
  return sessions.find(params["sessionId"] ?? "");
}

export const sessionResources = [sessionService, sessionCollection, session];
