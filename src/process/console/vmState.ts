/** A VM's connection at the concentrator: how others see it, and the state that its parts share. */
import type { Line } from "./line.js";
import type { SerialConnection } from "./serialConnection.js";

export interface VmConnection extends SerialConnection {
  readonly line: Line | undefined;
  /** Its vMotion is over: what it still says is read, then `then` is called. */
  readonly retire: (then: () => void) => void;
  /** It is gone, and so is where the VM was to go. */
  readonly giveUp: (reason: string) => void;
}

export type Phase =
  /** Unknown. */
  | "limbo"
  | "serving"
  /** Of a vMotion that is under way. */
  | "destination"
  /** The destination has taken over, and waits for the remaining output of the source. */
  | "arriving"
  /** The source, after its vMotion. */
  | "retiring"
  | "closed";

export interface VmState {
  phase: Phase;
  line: Line | undefined;
  /** By the token of its service URI, or as the other half of a vMotion. */
  isProven: boolean;
}
