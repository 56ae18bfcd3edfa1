/** What the Redfish service of a fleet is given: the BMCs of a daemon, and a way to the service of each. */
import type { RedfishRequest, RedfishResponse } from "../exchange.js";
import type { Role } from "../privileges.js";

export interface Fleet {
  /** Every BMC with its state, in the order of their names. */
  readonly bmcs: () => readonly BmcSummary[];
  readonly find: (name: string) => BmcSummary | undefined;
  /** Passes a request to the service of a BMC. Never rejects: a BMC that does not run is a response too. */
  readonly exchange: (name: string, request: RedfishRequest, caller: Caller) => Promise<RedfishResponse>;
  /** Every BMC that has this account, with what proves it later. */
  readonly logIn: (userName: string, password: string) => Promise<ReadonlyMap<string, AccountAccess>>;
}

/** Who a BMC is asked for. */
export type Caller =
  /** An account of the fleet. */
  | { readonly kind: "fleet"; readonly userName: string; readonly role: Role }
  /** An account of the BMC. */
  | { readonly kind: "bmc"; readonly userName: string; readonly proof: string };

/** What an account may do at one BMC. */
export interface AccountAccess {
  readonly role: Role;
  /** Opaque; the BMC accepts it until the account changes. */
  readonly proof: string;
}

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
