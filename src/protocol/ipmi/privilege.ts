/** Privilege levels (IPMI 2.0 §6.8, table 22-27): each includes all lower ones. */
export const privilege = {
  /** Needs no session (Appendix G: "b1"). */
  none: 0,
  callback: 1,
  user: 2,
  operator: 3,
  administrator: 4,
} as const;

export type Privilege = (typeof privilege)[keyof typeof privilege];

/** The operating level of a new session: USER, or its limit if that is lower (§6.8). */
export function startingPrivilege(maximum: Privilege): Privilege {
  return maximum < privilege.user ? maximum : privilege.user;
}
