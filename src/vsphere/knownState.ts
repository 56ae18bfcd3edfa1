/** What is known of one VM without asking: the state last pushed, and how a state that was read relates to it. */
import type { MachineSnapshot, PowerState } from "../model/machine/snapshot.js";

export interface KnownState {
  /** undefined while nobody vouches for it. */
  readonly current: () => MachineSnapshot | undefined;
  /** Resolves when the power state is known to be `state`, or after `timeoutMs`; tells whether it is. */
  readonly awaitPowerState: (state: PowerState, timeoutMs: number) => Promise<boolean>;
  /** Resolves when what is known is `so`, or after `timeoutMs`; tells whether it is. */
  readonly awaitNews: (so: (snapshot: MachineSnapshot) => boolean, timeoutMs: number) => Promise<boolean>;
  /** Counts the news; to be taken before a read. */
  readonly mark: () => number;
  /** A state that was read is news, unless there has been other news since `mark`: which of them is older, nobody knows. */
  readonly adopt: (snapshot: MachineSnapshot, mark: number) => void;
}
