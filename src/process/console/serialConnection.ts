/** A connection to a VM's serial port, whatever is spoken on it. */
export interface SerialConnection {
  /** Address of the other end. */
  readonly from: string;
  readonly isEncrypted: boolean;
  /** Whether it proved that it is this VM: by the token of its service URI, or as the other half of a vMotion. */
  readonly isProven: boolean;
  /** Takes all of the bytes; false: it holds enough for now, `line.drained` follows. */
  readonly write: (bytes: Buffer) => boolean;
  /** False where there is no such thing as a break. */
  readonly sendBreak: () => boolean;
  /** Stops reading. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Sends what is written, and closes; reads on until the other end does the same, or for a while. */
  readonly end: () => void;
  readonly destroy: () => void;
}
