/** Messages between the supervisor and the console process, and those by which a console is opened. The consoles' bytes are not among them: they have sockets of their own. */
import type { ConsoleUser } from "../../io/console/messages.js";
import type { LogLevelMessage, LogMessage } from "./logging.js";

/** What the console process needs to begin. */
export interface ConsoleConfiguration {
  /** Unix socket for those who have a console open; its folder is there, and only ours. */
  readonly socketPath: string;
  /** Of the concentrator; absent: there are only direct connections. */
  readonly listen?: ConsoleAddress;
  /** Addresses and networks from which VMs may connect; empty: any. */
  readonly allowedHosts: readonly string[];
  /** Last output that is kept of each VM, bytes. */
  readonly ringBytes: number;
  /** Absent: no output is written to files. */
  readonly log?: { readonly directory: string; readonly maxBytes: number };
}

export interface ConsoleAddress {
  readonly address: string;
  readonly port: number;
}

export type DirectProtocol = "tcp" | "telnet";

/** How a VM's serial port and the console process come together. */
export type ConsoleMode =
  /** The VM connects to the concentrator and says who it is. */
  | { readonly kind: "concentrator" }
  /** We connect to the ESXi host. */
  | ({ readonly kind: "connect"; readonly protocol: DirectProtocol } & ConsoleAddress)
  /** The VM connects to a port of its own here. */
  | ({ readonly kind: "listen"; readonly protocol: DirectProtocol } & ConsoleAddress);

export interface ServedConsole {
  readonly vmName: string;
  readonly mode: ConsoleMode;
  /** Part of the service URI; secret. */
  readonly token: string;
  /** config.instanceUuid and config.uuid, canonical lower-case text, as far as they are known. */
  readonly instanceUuid?: string;
  readonly biosUuid?: string;
}

/** A client may open a console: one that presents the key, once. */
export interface ConsoleAdmission extends ConsoleUser {
  readonly vmName: string;
  readonly key: string;
  readonly isReadOnly: boolean;
  /** How much of the output that was there before is sent at first, bytes. */
  readonly replayBytes: number;
  /** ms from now. */
  readonly validMs: number;
}

/** What is known of a VM's console. */
export interface ConsoleState {
  /** ISO 8601; absent: the VM's port is not connected. */
  readonly connectedSince?: string;
  /** Address of the ESXi host. */
  readonly from?: string;
  readonly isEncrypted?: boolean;
  /** Since the process began. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly lastError?: string;
  /** Who types. */
  readonly writer?: ConsoleUser;
  /** Who else has it open. */
  readonly watchers: readonly ConsoleUser[];
}

/** Supervisor → console process. */
export type ToConsole =
  | LogLevelMessage
  | { readonly type: "configure"; readonly configuration: ConsoleConfiguration }
  /** What the concentrator shows to VMs that connect with TLS, as PEM, or why it cannot. */
  | { readonly type: "certificate"; readonly certificate: string; readonly key: string }
  | { readonly type: "certificate"; readonly fault: string }
  /** Also to change what is served already. */
  | { readonly type: "serve"; readonly console: ServedConsole }
  | { readonly type: "withdraw"; readonly vmName: string }
  /** To be answered with `admitted`. */
  | { readonly type: "admit"; readonly id: number; readonly admission: ConsoleAdmission }
  /** To be answered with `pong`, at once. */
  | { readonly type: "ping" }
  | { readonly type: "stop" };

/** Console process → supervisor. */
export type FromConsole =
  /** The Unix socket is there; `fault` says why the concentrator is not. */
  | { readonly type: "listening"; readonly fault?: string }
  | { readonly type: "state"; readonly vmName: string; readonly state: ConsoleState }
  /** What happened to a console, for `vbmc events`; `user` if a client did it. */
  | {
      readonly type: "event";
      readonly vmName: string;
      readonly source: string;
      readonly text: string;
      readonly user?: string;
    }
  | { readonly type: "admitted"; readonly id: number; readonly fault?: string }
  | { readonly type: "pong" }
  | LogMessage;

/** BMC child → supervisor: a Serial over LAN payload is activated. */
export interface OpenConsole {
  readonly type: "openConsole";
  readonly id: number;
  readonly vmName: string;
  readonly user: string;
  /** Address of the client. */
  readonly from: string;
}

/** Supervisor → BMC child. `fault` is a sentence. */
export type ConsoleOpened =
  | { readonly type: "consoleOpened"; readonly id: number; readonly socketPath: string; readonly key: string }
  | { readonly type: "consoleOpened"; readonly id: number; readonly fault: string };
