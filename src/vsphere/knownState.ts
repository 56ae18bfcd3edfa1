/** The last known state of one VM, from pushed updates and from reads. */
import type { MachineSnapshot, PowerState } from "../model/machine/snapshot.js";

export interface KnownState {
  /** undefined while it is stale. */
  readonly current: () => MachineSnapshot | undefined;
  /** Resolves with true when the power state is known to be `state`, or with false after `timeoutMs`. */
  readonly awaitPowerState: (state: PowerState, timeoutMs: number) => Promise<boolean>;
  /** Resolves with true when the known state satisfies the predicate, or with false after `timeoutMs`. */
  readonly awaitUpdate: (predicate: (snapshot: MachineSnapshot) => boolean, timeoutMs: number) => Promise<boolean>;
  /** Counts updates; take its value before a read. */
  readonly mark: () => number;
  /** Takes a state that was read, unless an update has arrived since `mark`: which of the two is older is unknown. */
  readonly adopt: (snapshot: MachineSnapshot, mark: number) => void;
}
