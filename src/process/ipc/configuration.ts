/**
 * The configuration of a BMC child and of a vCenter link. It is sent over IPC, never in arguments or the environment,
 * because it contains secrets.
 */
import type { SectionFields } from "../../settings/config/schema.js";

/** Everything that a child needs to serve one BMC. */
export interface BmcConfiguration {
  /** Folder name under config_dir, which identifies the BMC in all messages. */
  readonly vmName: string;
  /** Our own version, reported by Get Device ID. */
  readonly firmwareVersion: string;
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** `02:00:00:xx:yy:zz`, colons. */
  readonly fakemac: string;
  /** Canonical lower-case text, if configured. */
  readonly vmUuid?: string;
  /** The VM's folder, for users, SEL and other state. */
  readonly directory: string;
  readonly ipmi: IpmiConfiguration;
  /** Absent: it has no Redfish service. */
  readonly redfish?: RedfishConfiguration;
  /** Absent: the BMC has no console. */
  readonly console?: BmcConsoleConfiguration;
}

/** What a BMC with a console needs for Serial over LAN. */
export interface BmcConsoleConfiguration {
  /** The UDP port reported to clients; absent: the one that the BMC listens on. */
  readonly solPort?: number;
}

/** `[redfish]` of virtualbmc.conf and the BMC's port. */
export interface RedfishConfiguration {
  /** TCP; absent: available only through the fleet's service. */
  readonly port?: number;
  /** TCP port of the fleet's service, if there is one. */
  readonly fleetPort?: number;
  /** Default inactivity time-out of a session, until SessionService changes it, seconds. */
  readonly sessionTimeoutSeconds: number;
  readonly maxSessions: number;
  readonly maxConnections: number;
  /** Whether events may be sent to the daemon's own host. */
  readonly allowsEventLoopback: boolean;
}

/** `[ipmi]` of virtualbmc.conf and the BMC key. */
export type IpmiConfiguration = SectionFields<"ipmi"> & {
  /** The BMC key Kg, 40 hex digits. */
  readonly kgHex?: string;
};

/** Everything that a link needs to reach one vCenter account. */
export interface LinkConfiguration {
  /** `host`, `host:port`, `[v6]`, `[v6]:port` or bare `v6`. */
  readonly viserver: string;
  readonly username: string;
  readonly password: string;
  readonly tls: {
    /** Pinned certificate fingerprint, SHA-256 or SHA-1, hex. */
    readonly thumbprint?: string;
    readonly caFile?: string;
    readonly insecure?: boolean;
    /** File that stores the certificate seen at the first successful login. */
    readonly trustFile?: string;
  };
  readonly nextBoot: "once" | "persistent";
  /** Absent: images from any http or https server, stored on a datastore of the VM. */
  readonly media?: MediaConfiguration;
}

/** `[media]` of virtualbmc.conf. */
export interface MediaConfiguration {
  /** Where images are stored; absent: on a datastore of the VM. */
  readonly datastore?: string;
  /** URL prefixes; empty: any http or https URL. */
  readonly allowedUrls: readonly string[];
  /** Folders of the daemon's host; empty: none of its files. */
  readonly allowedFolders: readonly string[];
  /** Whether image servers on the daemon's host are allowed. */
  readonly allowsLoopback: boolean;
  readonly maxImageBytes: number;
  /** Longest transfer of an image, ms. */
  readonly maxTransferMs: number;
  /** Default for insertions. */
  readonly verifiesCertificates: boolean;
  /** Which daemon on this config_dir it is, `2-of-5`: each keeps a list of its own images. */
  readonly shard?: string;
}

/** A VM that a link serves: found by UUID if given, else by name. */
export interface ServedMachine {
  /** Identifies it in all messages. */
  readonly vmName: string;
  /** The VM's name in vCenter, if it differs from vmName. */
  readonly machineName?: string;
  readonly vmUuid?: string;
  /** The BMC's folder: stores what must survive a restart, such as a boot order to restore. */
  readonly directory?: string;
}
