/** All BMCs of a daemon as one: what is known of each, and who asks for them. */

export type FleetRole = "Administrator" | "Operator" | "ReadOnly";

/** An account for all BMCs. */
export interface FleetAccount {
  readonly userName: string;
  readonly role: FleetRole;
  /** `scrypt` hash of the password, as io/files/passwordHash makes it. */
  readonly hash: string;
}

/** Who a BMC is asked for. */
export type Caller =
  /** An account of the fleet. */
  | { readonly kind: "fleet"; readonly userName: string; readonly role: FleetRole }
  /** An account of the BMC. */
  | { readonly kind: "bmc"; readonly userName: string; readonly proof: string };

/** What is known of a BMC without asking it. */
export interface BmcSummary {
  readonly name: string;
  /** The VM's name in vCenter. */
  readonly vmName: string;
  readonly address: string;
  /** UDP port of IPMI. */
  readonly port: number;
  /** TCP port of its own Redfish service. */
  readonly redfishPort?: number;
  readonly viserver: string;
  readonly state: "running" | "down" | "error" | "starting";
  /** Why it is in error, and what to do. */
  readonly reason?: string;
  /** undefined while vCenter is unreachable or the VM was not found. */
  readonly power?: "On" | "Off" | "Suspended";
  readonly health?: "OK" | "Warning" | "Critical";
  readonly guestHostName?: string;
  readonly guestAddress?: string;
  /** The ESXi host that runs the VM. */
  readonly host?: string;
  /** Absent: no console is configured. */
  readonly console?: "connected" | "disconnected";
  /** Images in its drives. */
  readonly media: readonly string[];
  readonly lastEvent?: { readonly at: string; readonly text: string };
}
