/** A serial port of a running VM, as its guest sees it: a line to the other end of the network connection. */
import type { Backing } from "../devices.js";
import type { VmIdentity } from "./extension.js";

/** VirtualDeviceConnectInfoStatus, of those that a network serial port has. */
export type LineStatus = "ok" | "recoverableError" | "unrecoverableError";

export interface LineOptions {
  readonly backing: Backing;
  readonly identity: VmIdentity;
  /** Where the host itself is reached, for ports that wait for a connection. */
  readonly hostAddress: string;
  /** Of the host, for TLS. */
  readonly certificate: { readonly key: string; readonly cert: string } | undefined;
  /** How long after a lost or failed connection another one is tried, ms; Infinity: never. */
  readonly retryMs: () => number;
  /** `vSPC` or `remoteSerialPort`: whether the host's firewall lets it through. */
  readonly isAllowed: (ruleSet: string) => boolean;
  /** In which order it talks to a concentrator: see proxyConnection. */
  readonly order: () => "captured" | "documented";
  /** How long a concentrator has to acknowledge a vMotion, ms. */
  readonly vmotionTimeoutMs: () => number;
  readonly onData: (bytes: Buffer) => void;
  readonly onBreak: () => void;
  readonly onDrain: () => void;
  readonly onStatus: (status: LineStatus, isConnected: boolean) => void;
}

export interface Line {
  /** `full`: the bytes were taken; wait for onDrain before sending more; `lost`: not connected, like an open plug. */
  readonly write: (bytes: Buffer) => "full" | "lost" | "sent";
  /** Resolves once the first connection is there, or its try has failed. */
  readonly settled: Promise<void>;
  /** Moves with the VM to another host; rejects with the reason why it cannot, and stays as it was. */
  readonly migrate: () => Promise<void>;
  readonly close: () => void;
}
