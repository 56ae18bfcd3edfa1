/**
 * A VM's console: what its serial port says goes into the ring, from which everybody reads at their own speed, and what
 * the one who types says goes to the port.
 */
import type { Log } from "../../base/log.js";
import type { ConsoleUser } from "../../io/console/messages.js";
import { createLineClients, type LineClient } from "./lineClients.js";
import { createLineInput } from "./lineInput.js";
import { createLinePort } from "./linePort.js";
import { createOutputRing, type OutputRing } from "./outputRing.js";
import type { SerialConnection } from "./serialConnection.js";

export interface LineOptions {
  readonly vmName: string;
  /** Output that is kept for those who come later, bytes. */
  readonly ringBytes: number;
  readonly log: Log;
  /** Output is also written there. */
  readonly transcript: ((bytes: Buffer) => void) | undefined;
  /** Bytes were received or typed. */
  readonly onCount: () => void;
  /** Who has it open, or whether it is connected, has changed. */
  readonly onChange: () => void;
  /** For `vbmc events`. */
  readonly onEvent: (text: string, who?: ConsoleUser) => void;
  readonly now: () => Date;
}

export interface Line {
  readonly ring: OutputRing;
  readonly ringBytes: number;
  readonly connection: SerialConnection | undefined;
  readonly connectedSince: Date | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly lastError: string | undefined;
  readonly writer: ConsoleUser | undefined;
  readonly watchers: readonly ConsoleUser[];
  readonly size: number;
  /** The VM's port is connected; another connection that it had is closed. */
  readonly connect: (connection: SerialConnection) => void;
  /** What is said on a connection that is not the VM's present one is dropped. */
  readonly received: (connection: SerialConnection, bytes: Buffer) => void;
  readonly drained: (connection: SerialConnection) => void;
  /** @param reason half a sentence, where it was not the VM's own wish */
  readonly closed: (connection: SerialConnection, reason?: string) => void;
  /** A vMotion begins or is called off: nothing, or again what is typed, goes to the VM. */
  readonly holdInput: (isHeld: boolean) => void;
  /** The VM goes on at another connection. */
  readonly moveTo: (connection: SerialConnection) => void;
  /** Something went wrong while the VM was not connected. */
  readonly failed: (reason: string) => void;
  readonly join: (client: LineClient) => void;
  readonly leave: (client: LineClient) => void;
  readonly take: (client: LineClient) => void;
  readonly release: (client: LineClient) => void;
  /** False: the writer has to wait. */
  readonly takesInput: boolean;
  readonly type: (client: LineClient, bytes: Buffer) => void;
  readonly sendBreak: (client: LineClient) => void;
  /** A client has read more, or has stopped reading. */
  readonly progressed: () => void;
  readonly close: () => void;
}

/** What comes in one read while the port is about to be stopped, bytes. */
const readBytes = 65_536;

export function createLine(options: LineOptions): Line {
  const { vmName, ringBytes, log, transcript, onCount, onChange, onEvent, now } = options;
  const ring = createOutputRing(ringBytes + readBytes);
  let bytesIn = 0;
  const input = createLineInput({ vmName, log, connection: () => port.connection });
  const clients = createLineClients({ ring, ringBytes, input, port: () => port, onCount, onChange, onEvent });
  const port = createLinePort({
    input,
    now,
    onEvent,
    onConnected: () => {
      clients.pumpInput();
      clients.sendStatus();
      onChange();
    },
    onMoved: () => {
      clients.pumpInput();
      onChange();
    },
    onFailed: onChange,
  });

  return {
    ring,
    ringBytes,
    get connection() {
      return port.connection;
    },
    get connectedSince() {
      return port.connectedSince;
    },
    get bytesIn() {
      return bytesIn;
    },
    get bytesOut() {
      return input.count;
    },
    get lastError() {
      return port.lastError;
    },
    get writer() {
      return clients.writer;
    },
    get watchers() {
      return clients.watchers;
    },
    get size() {
      return clients.size;
    },
    connect: port.connect,
    received: (from, bytes) => {
      if (!port.isOwn(from)) {
        return;
      }
      bytesIn += bytes.length;
      ring.append(bytes);
      transcript?.(bytes);
      clients.pump();
      clients.applyPause();
      onCount();
    },
    drained: (from) => {
      if (from === port.connection) {
        input.drained();
        clients.pumpInput();
      }
    },
    closed: port.closed,
    holdInput: (isHeld) => {
      input.hold(isHeld);
      clients.pumpInput();
    },
    moveTo: port.moveTo,
    failed: port.failed,
    join: clients.join,
    leave: clients.leave,
    take: clients.take,
    release: clients.release,
    get takesInput() {
      return input.isOpen;
    },
    type: clients.type,
    sendBreak: clients.sendBreak,
    progressed: clients.applyPause,
    close: port.close,
  };
}
