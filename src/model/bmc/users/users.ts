/** The user slots of a BMC (IPMI 2.0 §6.9, §22.26-31): the configured account, and whom IPMI commands add. */
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
  /** All slots, free ones included. */
  readonly all: () => readonly User[];
  /** undefined outside 1-16. */
  readonly find: (id: number) => User | undefined;
  /** The first user of exactly this name (bytes as sent, without padding) who may log in, up to `level` at least. */
  readonly findByName: (name: Buffer, level?: number) => User | undefined;
  /**
   * In force once it would survive a power failure. Rejects with LastAdministratorError when nobody could administer the
   * BMC afterwards, and with StorageError when the disk does not take it.
   */
  readonly change: (id: number, change: UserChange) => Promise<void>;
}

export class LastAdministratorError extends Error {
  override readonly name = "LastAdministratorError";

  constructor() {
    super("nobody could administer the BMC afterwards: make another user an administrator first");
  }
}

interface Persisted {
  /** Which account the configuration named when this was kept. */
  readonly configured: string;
  /** Slots that somebody has set up. */
  readonly users: readonly User[];
  /** Payload access counts since there is Serial over LAN; absent: kept before that, when nobody had to have it. */
  readonly payloadAccessCounts?: boolean | undefined;
}

/**
 * `name` and `password` are the configured account. It is slot 2; IPMI commands may change it like any other, until the
 * configuration names another account than it did then: the newer edit wins, and whoever can edit the configuration can
 * get back in.
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
    withPayloadAccess(codec),
  );
  let slots = toSlots(state.value(), account, configured);
  if (state.value().configured !== configured) {
    // Or else an edit that is taken back would bring back what IPMI commands had made of the account before. Should the
    // disk not take it, the next change or start tries again.
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

/** Slot 2 is what the configuration says when that was edited since. */
function withAccount(kept: Persisted, account: User, configured: string): Persisted {
  return kept.configured === configured
    ? kept
    : { ...kept, configured, users: [account, ...kept.users.filter(({ id }) => id !== configuredUserId)] };
}

function toSlots(kept: Persisted, account: User, configured: string): readonly User[] {
  const { users } = withAccount(kept, account, configured);
  return Array.from(
    { length: userCount },
    (_, index) => users.find(({ id }) => id === index + 1) ?? emptyUser(index + 1),
  );
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
/** Only a file that somebody else wrote could keep everybody out. */
const administered = satisfying(distinct, (users) => users.some(isAdministrator), "has no administrator");
const codec = fields<Persisted>({
  configured: text(64),
  users: administered,
  payloadAccessCounts: optional(boolean),
});

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
