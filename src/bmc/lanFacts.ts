/** What the host knows of the address that a BMC listens on; absent where it cannot know. */
export interface LanFacts {
  readonly ipv4?: {
    /** Dotted text. */
    readonly address: string;
    readonly netmask: string;
  };
  /** UDP port. */
  readonly port: number;
}
