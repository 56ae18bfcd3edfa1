/** The session manager, whose `currentSession` is another one for each caller. */
import type { Call } from "./call.js";
import type { ManagedObject, ObjectTable } from "./managedObject.js";
import type { Session } from "./sessions.js";
import { boolean, dateTime, int, structure, text, type Value } from "./value.js";

/** All objects as the caller sees them. */
export function objectsSeenBy({ service, session }: Call): ObjectTable {
  const { objects } = service.inventory;
  return {
    ...objects,
    get: (reference): ManagedObject =>
      reference.type === "SessionManager"
        ? { reference, properties: () => ({ currentSession: userSession(session) }) }
        : objects.get(reference),
  };
}

export function userSession(session: Session): Value {
  return structure("UserSession", {
    key: text(session.key),
    userName: text(session.username),
    fullName: text(session.username),
    loginTime: dateTime(session.loginTime),
    lastActiveTime: dateTime(new Date()),
    locale: text("en"),
    messageLocale: text("en"),
    extensionSession: boolean(false),
    callCount: int(0),
    userAgent: text(session.userAgent),
  });
}
