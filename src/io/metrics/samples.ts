/** The values at the time of a scrape. */
export interface MetricsSource {
  readonly version: string;
  readonly bmcs: () => readonly BmcSample[];
  readonly vcenters: () => readonly VcenterSample[];
}

export interface BmcSample {
  readonly name: string;
  /** Whether it listens. */
  readonly up: boolean;
  /** undefined while the VM's state is unknown. */
  readonly poweredOn: boolean | undefined;
  /** What is known of the VM's drives: `cd` or `floppy`, and `empty`, `inserted`, `failed` or a stage of a transfer. */
  readonly media: readonly { readonly drive: string; readonly state: string }[];
  /** Of IPMI. */
  readonly sessions: number;
  readonly redfishSessions: number;
  /** undefined where it has no console, or nothing is known of it. */
  readonly console: ConsoleSample | undefined;
  readonly loginFailures: number;
  /** Completion code → commands. */
  readonly commands: ReadonlyMap<number, number>;
  readonly durations: Durations;
  /** Of Redfish: HTTP status → requests. */
  readonly requests: ReadonlyMap<number, number>;
  readonly requestDurations: Durations;
}

export interface ConsoleSample {
  readonly connected: boolean;
  /** Who has it open. */
  readonly clients: number;
  /** From the VM, and to it. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface Durations {
  /** Counts per bucket: longer than the previous bound and at most this one, ms. */
  readonly classes: readonly { readonly timeoutMs: number; readonly count: number }[];
  readonly count: number;
  readonly sumMs: number;
}

export interface VcenterSample {
  readonly viserver: string;
  readonly username: string;
  readonly up: boolean;
  readonly calls: readonly { readonly method: string; readonly result: string; readonly count: number }[];
}
