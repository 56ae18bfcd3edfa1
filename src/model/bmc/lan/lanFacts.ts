/** What the host knows about the address that a BMC listens on; unknown values are absent. */
export interface LanFacts {
  readonly ipv4?: {
    /** Dotted text. */
    readonly address: string;
    readonly netmask: string;
  };
  /** The addresses that reach the BMC. */
  readonly families: "ipv4" | "ipv6" | "both";
  /** Whether the address was set in the BMC's configuration; otherwise it is any of the host's. */
  readonly isStatic: boolean;
  /** The default gateway of the interface that has the address. */
  readonly gateway?: {
    readonly address: string;
    /** `xx:xx:xx:xx:xx:xx`, if the host knows it. */
    readonly mac?: string;
  };
  /** Time to live of the packets that the host sends. */
  readonly timeToLive: number;
  /** UDP port. */
  readonly port: number;
}
