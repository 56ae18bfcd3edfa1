/** What there is to measure at the moment of a scrape. */
export interface MetricsSource {
  readonly version: string;
  readonly bmcs: () => readonly BmcSample[];
  readonly vcenters: () => readonly VcenterSample[];
}

export interface BmcSample {
  readonly name: string;
  /** It listens. */
  readonly up: boolean;
  /** undefined while nothing is known of the VM. */
  readonly poweredOn: boolean | undefined;
  readonly sessions: number;
  readonly loginFailures: number;
  /** Completion code → commands. */
  readonly commands: ReadonlyMap<number, number>;
  readonly durations: Durations;
  /** Of Redfish: HTTP status → requests. */
  readonly requests: ReadonlyMap<number, number>;
  readonly requestDurations: Durations;
}

export interface Durations {
  /** How many took longer than the bound before and not longer than this one, ms. */
  readonly classes: readonly { readonly boundMs: number; readonly count: number }[];
  readonly count: number;
  readonly sumMs: number;
}

export interface VcenterSample {
  readonly viserver: string;
  readonly username: string;
  readonly up: boolean;
  readonly calls: readonly { readonly method: string; readonly result: string; readonly count: number }[];
}
