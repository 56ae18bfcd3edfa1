/** What a BMC child and a vCenter link need to do their work. It travels over IPC and never through arguments or environment, because it holds secrets. */
import type { SectionFields } from "../../settings/config/schema.js";

/** Everything a child needs to serve one BMC. */
export interface BmcConfiguration {
  /** Folder name under config_dir: the key by which all messages name the BMC. */
  readonly vmName: string;
  /** Our own version, which Get Device ID tells. */
  readonly firmwareVersion: string;
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** `02:00:00:xx:yy:zz`, colons. */
  readonly fakemac: string;
  /** Canonical lower-case text, when configured. */
  readonly vmUuid?: string;
  /** The VM's folder: users, SEL and the like are kept there. */
  readonly directory: string;
  readonly ipmi: IpmiConfiguration;
  /** Absent: it has no Redfish service. */
  readonly redfish?: RedfishConfiguration;
  /** Absent: the BMC has no console. */
  readonly console?: BmcConsoleConfiguration;
}

/** What a BMC with a console needs for Serial over LAN. */
export interface BmcConsoleConfiguration {
  /** The UDP port that clients are told; absent: the one that the BMC listens on. */
  readonly solPort?: number;
}

/** `[redfish]` of virtualbmc.conf and the BMC's port. */
export interface RedfishConfiguration {
  /** TCP; absent: it is reached through the fleet's service only. */
  readonly port?: number;
  /** TCP port of the fleet's service, where there is one. */
  readonly fleetPort?: number;
  /** Inactivity time-out of a session until SessionService is told another one, seconds. */
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

/** Everything a link needs to reach one vCenter account. */
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
    /** File that remembers the certificate seen at the first successful login. */
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
  /** Folders of the daemon's host; empty: no file of it. */
  readonly allowedFolders: readonly string[];
  /** Image servers on the daemon's host itself. */
  readonly allowsLoopback: boolean;
  readonly maxImageBytes: number;
  /** Longest transfer of an image, ms. */
  readonly maxTransferMs: number;
  /** Where an insertion does not say. */
  readonly verifiesCertificates: boolean;
}

/** A VM that a link serves: found by UUID when there is one, else by name. */
export interface ServedMachine {
  /** The key by which all messages name it. */
  readonly vmName: string;
  /** The VM's name in vCenter, when it is not vmName. */
  readonly machineName?: string;
  readonly vmUuid?: string;
  /** The BMC's folder: what must not be forgotten over a restart, as a boot order to give back. */
  readonly directory?: string;
}
