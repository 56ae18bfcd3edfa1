/** Access mode of a channel (IPMI 2.0 §22.22, table 22-28). */
export interface ChannelAccess {
  /** 0 disabled, 1 pre-boot only, 2 always available, 3 shared. */
  accessMode: 0 | 1 | 2 | 3;
  /** Privilege limit of all sessions of the channel, 1-5. */
  privilegeLimit: number;
  perMessageAuthentication: boolean;
  userLevelAuthentication: boolean;
  alerting: boolean;
}
