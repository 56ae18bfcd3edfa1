/**
 * The serial console of the managed system: output of its serial port, and input to it. Each client has a separate
 * connection.
 */

/** Who opens a console, for the others who have it open and for events. */
export interface ConsoleUser {
  readonly user: string;
  /** IP address of the client. */
  readonly from: string;
}

/** Is called from the moment the console is opened until it is closed. */
export interface ConsoleListener {
  /** Output of the system. The bytes are valid only during the call. */
  readonly onData: (bytes: Buffer) => void;
  /** Whether the system's serial port is connected, with each change; a console starts disconnected. */
  readonly onStatus: (isConnected: boolean) => void;
  /** That many bytes of output are missing before the next data. */
  readonly onOverrun: (skippedBytes: number) => void;
  /** A sentence for the person at the client, which no system said. */
  readonly onNotice: (text: string) => void;
  /** `write` accepts more after it returned false. */
  readonly onDrain: () => void;
}

export interface ConsoleConnection {
  /** Resolves when the console has been reached, or could not be: from then on `onStatus` has told the truth. Never rejects. */
  readonly settled: Promise<void>;
  /** Accepts all of the bytes; false: its buffer is full, the next `write` has to wait for `onDrain`. */
  readonly write: (bytes: Uint8Array) => boolean;
  readonly sendBreak: () => void;
  /** No more `onData` until `resume`; the system's output waits as far as it can. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly close: () => void;
}

export interface Console {
  /**
   * Never throws. A console that is not reachable now is disconnected, and connects as soon as it is; one that is lost
   * connects again.
   */
  readonly open: (user: ConsoleUser, listener: ConsoleListener) => ConsoleConnection;
}
