/** The user slots of a BMC (IPMI 2.0 §6.9, §22.26-31): the configured account, and those added by IPMI commands. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import { boolean, type Codec, fields, list, optional, satisfying, text } from "../../../base/document/codec.js";
import { createPersistentState } from "../state/persistentState.js";
import type { BmcStorage } from "../state/storage.js";
import {
  administrator,
  canLogIn,
  configuredUserId,
  emptyUser,
  solPayloadAccess,
  type User,
  userCodec,
  userCount,
} from "./user.js";

export type { User } from "./user.js";

export type UserChange = Partial<Omit<User, "id">> | ((user: User) => Partial<Omit<User, "id">>);

export interface UserTable {
  /** All slots, including free ones. */
  readonly all: () => readonly User[];
  /** undefined outside 1-16. */
  readonly find: (id: number) => User | undefined;
  /** The first user with exactly this name (bytes as sent, without padding) who may log in with at least `level`. */
  readonly findByName: (name: Buffer, level?: number) => User | undefined;
  /**
   * In force once it survives a power failure. Rejects with LastAdministratorError if no administrator would be left,
   * and with StorageError if it cannot be stored.
   */
  readonly change: (id: number, change: UserChange) => Promise<void>;
}

export class LastAdministratorError extends Error {
  override readonly name = "LastAdministratorError";

  constructor() {
    super("this would leave the BMC without an administrator: make another user an administrator first");
  }
}

interface Persisted {
  /** The configured account at the time when this was stored. */
  readonly configured: string;
  /** Configured slots. */
  readonly users: readonly User[];
  /** Payload access counts since Serial over LAN exists; absent: stored before that, when it was not needed. */
  readonly payloadAccessCounts?: boolean | undefined;
}

/**
 * `name` and `password` are the configured account. It is in slot 2, and IPMI commands may change it like any other,
 * until the configuration is edited: then the newer edit wins, so anyone who can edit the configuration can regain
 * access.
 */
export function createUserTable(name: string, password: string, storage: BmcStorage): UserTable {
  const account: User = {
    ...emptyUser(configuredUserId),
    name,
    password: Buffer.from(password),
    passwordSize: Buffer.byteLength(password) > 16 ? 20 : 16,
    enabled: true,
    privilegeLimit: administrator,
  };
  const configured = digest(name, password);
  const state = createPersistentState<Persisted>(
    storage,
    "users",
    { configured, users: [account], payloadAccessCounts: true },
    codec,
  );
  let slots = toSlots(state.value(), account, configured);
  if (state.value().configured !== configured) {
    // Otherwise reverting an edit would restore what IPMI commands had made of the account before. If it cannot be
    // stored, the next change or start tries again.
    state.change((kept) => withAccount(kept, account, configured)).catch(() => undefined);
  }

  function findByName(bytes: Buffer, level = 0): User | undefined {
    return bytes.length === 0
      ? undefined
      : slots.find((user) => canLogIn(user) && user.privilegeLimit >= level && bytes.equals(Buffer.from(user.name)));
  }

  return {
    all: () => slots,
    find: (id) => slots[id - 1],
    findByName,
    change: async (id, change) => {
      await state.change((kept) => {
        const before = toSlots(kept, account, configured);
        const users = before.map((user) => (user.id === id ? changed(user, change) : user));
        if (!users.some(isAdministrator)) {
          throw new LastAdministratorError();
        }
        return { configured, users: users.filter(isSetUp), payloadAccessCounts: true };
      });
      slots = toSlots(state.value(), account, configured);
    },
  };
}

/** `user` as it is after `change`. */
export function changed(user: User, change: UserChange): User {
  return { ...user, ...(typeof change === "function" ? change(user) : change) };
}

function isAdministrator(user: User): boolean {
  return canLogIn(user) && user.privilegeLimit >= administrator;
}

function isSetUp(user: User): boolean {
  return !isDeepStrictEqual(user, emptyUser(user.id));
}

/** Slot 2 is the configured account if the configuration has been edited since. */
function withAccount(kept: Persisted, account: User, configured: string): Persisted {
  return kept.configured === configured
    ? kept
    : { ...kept, configured, users: [account, ...kept.users.filter(({ id }) => id !== configuredUserId)] };
}

/** Most slots of most BMCs: shared by all of them. */
const emptyUsers: readonly User[] = Array.from({ length: userCount }, (_, index) => emptyUser(index + 1));

function toSlots(kept: Persisted, account: User, configured: string): readonly User[] {
  const { users } = withAccount(kept, account, configured);
  return emptyUsers.map((empty) => users.find(({ id }) => id === empty.id) ?? empty);
}

function digest(name: string, password: string): string {
  return createHash("sha256")
    .update(JSON.stringify([name, password]))
    .digest("hex");
}

const distinct = satisfying(
  list(userCodec, userCount),
  (users) => new Set(users.map(({ id }) => id)).size === users.length,
  "has a slot twice",
);
/** Only a file from another source could lock everyone out. */
const administered = satisfying(distinct, (users) => users.some(isAdministrator), "has no administrator");
const codec = withPayloadAccess(
  fields<Persisted>({
    configured: text(64),
    users: administered,
    payloadAccessCounts: optional(boolean),
  }),
);

/** Users kept by a version without Serial over LAN must not be kept out of it. */
function withPayloadAccess({ decode, encode }: Codec<Persisted>): Codec<Persisted> {
  return {
    decode: (document) => {
      const kept = decode(document);
      return kept.payloadAccessCounts === true
        ? kept
        : {
            ...kept,
            users: kept.users.map((user) => ({
              ...user,
              payloadAccess: (user.payloadAccess | solPayloadAccess) >>> 0,
            })),
            payloadAccessCounts: true,
          };
    },
    encode,
  };
}
