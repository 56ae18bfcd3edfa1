/** What a load process is asked to do, and what it answers. */
import type { SuiteId } from "../../test/support/packets.js";

export interface Target {
  readonly port: number;
  /** Default 3: what ipmi_sim, the floor, can do too. */
  readonly suite?: SuiteId;
}

export type Job =
  /** Sends datagrams of the size of a protected request, and awaits whatever comes back. */
  | { readonly kind: "plain"; readonly port: number; readonly clients: number; readonly seconds: number }
  /** One request after the other in each of `clients` open sessions. */
  | {
      readonly kind: "requests";
      readonly target: Target;
      readonly netFn: number;
      readonly command: number;
      readonly data?: readonly number[];
      readonly clients: number;
      readonly seconds: number;
    }
  /** Open Session, RAKP 1 to 4, Close Session, again and again. */
  | { readonly kind: "setups"; readonly target: Target; readonly clients: number; readonly seconds: number }
  /** Opens so many sessions on each port, and leaves them open. */
  | { readonly kind: "openSessions"; readonly ports: readonly number[]; readonly each: number }
  /** The same as `setups` from one source port and without Close Session, and only until so many are open. */
  | { readonly kind: "setupsFromOnePort"; readonly target: Target; readonly seconds: number }
  | SolFlood
  | SolKeys;

/** Reads so much output of each of these consoles through Serial over LAN, all at once; the guest prints it on demand. */
export interface SolFlood {
  readonly kind: "solFlood";
  readonly targets: readonly Target[];
  readonly bytes: number;
  /** Share of the SOL datagrams, in either direction, that are lost. */
  readonly loss?: number;
}

/** One key after the other, each typed when the echo of the one before has come. */
export interface SolKeys {
  readonly kind: "solKeys";
  readonly target: Target;
  readonly keys: number;
}

export interface JobResult {
  /** Round trips, requests or set-ups done; keys typed, or bytes of output. */
  readonly count: number;
  readonly seconds: number;
  /** Of each, ms. */
  readonly p50: number;
  readonly p99: number;
  /** Share of a core that the load process itself used: near 1 means that it was the limit. */
  readonly busy: number;
  /** Datagrams that were given up. */
  readonly lost: number;
}

/** A vCenter account, and the VMs that a link is to serve. */
export interface LinkJob {
  readonly viserver: string;
  readonly username: string;
  readonly password: string;
  readonly vmNames: readonly string[];
}

export interface LinkMeasurement {
  /** Until the state of every VM was known, ms. */
  readonly ms: number;
  /** The most CPU time between two turns of the link's event loop, ms. */
  readonly maxTurnMs: number;
  /** Lost connections meanwhile. */
  readonly failures: number;
}

export type JobAnswer = { readonly result: JobResult } | { readonly failure: string };
