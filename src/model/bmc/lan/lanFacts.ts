/** What the host knows of the address that a BMC listens on; absent where it cannot know. */
export interface LanFacts {
  readonly ipv4?: {
    /** Dotted text. */
    readonly address: string;
    readonly netmask: string;
  };
  /** Which addresses reach the BMC. */
  readonly families: "ipv4" | "ipv6" | "both";
  /** The address was given by hand, in the BMC's configuration; else it is whatever the host has. */
  readonly isStatic: boolean;
  /** The default gateway of the interface that has the address. */
  readonly gateway?: {
    readonly address: string;
    /** `xx:xx:xx:xx:xx:xx`, while the host knows it. */
    readonly mac?: string;
  };
  /** Time to live of the packets that the host sends. */
  readonly timeToLive: number;
  /** UDP port. */
  readonly port: number;
}
