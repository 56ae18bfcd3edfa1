/** The login of this tab: kept over a reload, and in this tab only. */
import { createClient, type RedfishClient, RedfishFailure, textOf } from "../redfish/client.js";
import { createStore, type Store } from "./store.js";

export interface LoggedIn {
  readonly userName: string;
  /** Redfish role: Administrator, Operator or ReadOnly. */
  readonly role: string;
  readonly token: string;
  /** URI of the session. */
  readonly uri: string;
}

export interface Session {
  readonly current: Store<LoggedIn | undefined>;
  /** Why there is no session any more, for the login view. */
  readonly notice: Store<string | undefined>;
  readonly client: RedfishClient;
  /** Rejects with RedfishFailure. */
  readonly logIn: (userName: string, password: string) => Promise<void>;
  readonly logOut: () => Promise<void>;
}

const storageKey = "vbmc-session";
const sessionsUri = "/redfish/v1/SessionService/Sessions";

export function createSession(): Session {
  const current = createStore<LoggedIn | undefined>(restore());
  const notice = createStore<string | undefined>(undefined);

  function use(session: LoggedIn | undefined): void {
    if (session) {
      sessionStorage.setItem(storageKey, JSON.stringify(session));
    } else {
      sessionStorage.removeItem(storageKey);
    }
    current.set(session);
  }

  const client = createClient(() => current.get()?.token, {
    onUnauthorized: () => {
      if (current.get()) {
        notice.set("Your session has ended. Log in again.");
        use(undefined);
      }
    },
  });

  return {
    current,
    notice,
    client,
    logIn: async (userName, password) => {
      const { headers, body } = await client
        .post(sessionsUri, { UserName: userName, Password: password })
        .catch((error: unknown) => {
          throw error instanceof RedfishFailure && error.status === 401
            ? new RedfishFailure(401, "The user name or the password is wrong.")
            : error;
        });
      const roles = body["Roles"];
      notice.set(undefined);
      use({
        userName,
        role: (Array.isArray(roles) ? textOf(roles[0]) : undefined) ?? "ReadOnly",
        token: headers.get("X-Auth-Token") ?? "",
        uri: textOf(body["@odata.id"]) ?? "",
      });
    },
    logOut: async () => {
      const session = current.get();
      if (session) {
        // Whatever becomes of it: this tab forgets the token.
        await client.remove(session.uri).catch(() => undefined);
        notice.set(undefined);
        use(undefined);
      }
    },
  };
}

function restore(): LoggedIn | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(storageKey) ?? "null") as LoggedIn | null) ?? undefined;
  } catch {
    return undefined;
  }
}
