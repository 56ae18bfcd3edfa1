/** What a BMC reports about its work, for counters and the event list: never a password, key or digest. */
export interface SeenCommand {
  /** As in Appendix G; undefined for an unknown command. */
  readonly name: string | undefined;
  readonly completionCode: number;
  readonly ms: number;
  readonly source: string;
  /** The user of the session. */
  readonly user: string | undefined;
  /** What it changes, e.g. `power on`; undefined for a command that only reads. */
  readonly change: string | undefined;
  /** The reason for a completion code other than 00h. */
  readonly reason: string | undefined;
}

/** A login abandoned after RAKP Message 2; ipmitool does that after a wrong password. */
export interface AbandonedLogin {
  readonly source: string;
  readonly user: string;
}
