/** User slots of a BMC (IPMI 2.0 §6.9, §22.26-30). */
export interface User {
  /** Slot, 1-63; slot 1 is the null user. */
  readonly id: number;
  /** Up to 16 bytes, UTF-8. */
  readonly name: string;
  /** Up to 20 bytes, not padded. */
  readonly password: Buffer;
  readonly enabled: boolean;
  /** Highest privilege on the LAN channel, 1-4; 15 is no access. */
  readonly privilegeLimit: number;
}

export interface UserTable {
  readonly all: () => readonly User[];
  /** The first enabled user with exactly this name (bytes as sent, without padding). */
  readonly findByName: (name: Buffer) => User | undefined;
}

/** The configured account's slot: slot 1 is the null user, which is never enabled here. */
const configuredSlot = 2;

export function createUserTable(name: string, password: string): UserTable {
  const configured: User = {
    id: configuredSlot,
    name,
    password: Buffer.from(password),
    enabled: true,
    privilegeLimit: 4,
  };
  return {
    all: () => [configured],
    findByName: (bytes) => (bytes.equals(Buffer.from(name)) && bytes.length > 0 ? configured : undefined),
  };
}
