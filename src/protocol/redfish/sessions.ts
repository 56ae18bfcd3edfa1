/** Sessions of one service (DSP0266 "Redfish session login authentication"): in memory only, and ended when their account changes. */
import { fields, integer } from "../../base/document/codec.js";
import { createPersistentState } from "../../model/bmc/state/persistentState.js";
import type { BmcStorage } from "../../model/bmc/state/storage.js";
import type { User, UserTable } from "../../model/bmc/users/users.js";
import { type Role, roleOfUser } from "./privileges.js";
import { createSessionTable, type TableSession } from "./sessionTable.js";

export interface Session {
  readonly id: string;
  readonly userId: number;
  readonly userName: string;
  readonly role: Role;
  /** IP address of the client that logged in. */
  readonly remote: string;
  /** ms since the epoch. */
  readonly createdAt: number;
}

export interface Sessions {
  /** If there are too many, the one idle longest ends. The token is returned only here. */
  readonly open: (user: User, role: Role, remote: string) => { readonly session: Session; readonly token: string };
  /** Renews the session; undefined for an unknown or expired token. */
  readonly byToken: (token: string) => Session | undefined;
  readonly find: (id: string) => Session | undefined;
  /** Oldest first. */
  readonly all: () => readonly Session[];
  readonly close: (id: string) => void;
  readonly closeAll: () => void;
  /** Keeps the session open when it changes its own password. */
  readonly keepThroughChange: (id: string) => void;
  readonly timeoutSeconds: () => number;
  /** Rejects with StorageError. */
  readonly setTimeoutSeconds: (seconds: number) => Promise<void>;
}

export interface SessionsOptions {
  readonly users: UserTable;
  readonly storage: BmcStorage;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly maxSessions?: number;
  /** Default until a client changes it, seconds. */
  readonly timeoutSeconds?: number;
}

/** Seconds, as the schema of SessionService has it. */
export const minTimeoutSeconds = 30;
export const maxTimeoutSeconds = 86_400;

const defaultTimeoutSeconds = 1_800;
const defaultMaxSessions = 64;

interface Owner {
  readonly role: Role;
  /** The account at login. */
  account: User;
}

export function createSessions({
  users,
  storage,
  now,
  maxSessions = defaultMaxSessions,
  timeoutSeconds = defaultTimeoutSeconds,
}: SessionsOptions): Sessions {
  const state = createPersistentState(storage, "redfishSessions", { timeoutSeconds }, codec);

  /** A change of the account over IPMI or in the configuration ends its sessions, as a change over Redfish does. */
  function isCurrent({ account, role }: Owner): boolean {
    const user = users.find(account.id);
    return user !== undefined && (user === account || isSameAccount(user, account, role));
  }

  const table = createSessionTable<Owner>({
    now,
    maxSessions,
    timeoutSeconds: () => state.value().timeoutSeconds,
    isCurrent,
  });

  return {
    open: (account, role, remote) => {
      const { session, token } = table.open({ account, role }, remote);
      return { session: toSession(session), token };
    },
    byToken: (token) => optional(table.byToken(token)),
    find: (id) => optional(table.find(id)),
    all: () => table.all().map(toSession),
    close: table.close,
    closeAll: table.closeAll,
    keepThroughChange: (id) => {
      const owner = table.ownerOf(id);
      const user = owner && users.find(owner.account.id);
      if (owner && user) {
        owner.account = user;
      }
    },
    timeoutSeconds: () => state.value().timeoutSeconds,
    setTimeoutSeconds: (seconds) =>
      state.change((kept) => (kept.timeoutSeconds === seconds ? kept : { timeoutSeconds: seconds })),
  };
}

function isSameAccount(user: User, atLogin: User, role: Role): boolean {
  return user.name === atLogin.name && roleOfUser(user) === role && user.password.equals(atLogin.password);
}

function toSession({ owner: { account, role }, id, remote, createdAt }: TableSession<Owner>): Session {
  return { id, userId: account.id, userName: account.name, role, remote, createdAt };
}

function optional(session: TableSession<Owner> | undefined): Session | undefined {
  return session && toSession(session);
}

const codec = fields<{ readonly timeoutSeconds: number }>({
  timeoutSeconds: integer(minTimeoutSeconds, maxTimeoutSeconds),
});
