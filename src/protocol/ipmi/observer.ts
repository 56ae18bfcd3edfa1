/** What a BMC lets be seen of its work, for counters and for the list of events: never a password, key or digest. */
export interface SeenCommand {
  /** As Appendix G spells it; undefined for one that the BMC does not know. */
  readonly name: string | undefined;
  readonly completionCode: number;
  readonly ms: number;
  readonly source: string;
  /** The user of the session. */
  readonly user: string | undefined;
  /** What it asks to be changed, e.g. `power on`; undefined for what only reads. */
  readonly change: string | undefined;
  /** Why the completion code is not 00h. */
  readonly reason: string | undefined;
}

/** A login abandoned after RAKP Message 2, as ipmitool does with a wrong password. */
export interface AbandonedLogin {
  readonly source: string;
  readonly user: string;
}
