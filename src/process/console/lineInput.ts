/** What is typed on a VM's console, on its way to the serial port. */
import type { Log } from "../../base/log.js";
import type { SerialConnection } from "./serialConnection.js";

export interface LineInputOptions {
  readonly vmName: string;
  readonly log: Log;
  readonly connection: () => SerialConnection | undefined;
}

export interface LineInput {
  /** Bytes that were sent. */
  readonly count: number;
  /** False: what is typed has to wait. */
  readonly isOpen: boolean;
  /** A vMotion begins or is called off. */
  readonly hold: (isHeld: boolean) => void;
  /** The connection takes more. */
  readonly drained: () => void;
  /** There is another connection. */
  readonly connected: () => void;
  /** Nothing holds it any more: the vMotion is over, or the connection lost. */
  readonly free: () => void;
  readonly write: (bytes: Buffer) => void;
  readonly sendBreak: () => void;
}

export function createLineInput({ vmName, log, connection }: LineInputOptions): LineInput {
  let count = 0;
  /** During a vMotion. */
  let isHeld = false;
  let isFull = false;
  const reported = new Set<string>();

  /** Once per connection: a writer repeats it. */
  function tellOnce(text: string): void {
    if (!reported.has(text)) {
      reported.add(text);
      log("info", text, { vm: vmName });
    }
  }

  return {
    get count() {
      return count;
    },
    get isOpen() {
      return !isHeld && !isFull;
    },
    hold: (isToHold) => {
      isHeld = isToHold;
    },
    drained: () => {
      isFull = false;
    },
    connected: () => {
      isFull = false;
      reported.clear();
    },
    free: () => {
      isHeld = false;
      isFull = false;
    },
    write: (bytes) => {
      const present = connection();
      if (present === undefined) {
        tellOnce("what is typed on the console is discarded: the VM's serial port is not connected");
        return;
      }
      count += bytes.length;
      isFull = !present.write(bytes) || isFull;
    },
    sendBreak: () => {
      if (connection()?.sendBreak() === false) {
        tellOnce("a break cannot be sent: the VM's serial port is connected as plain TCP, which has none");
      }
    },
  };
}
