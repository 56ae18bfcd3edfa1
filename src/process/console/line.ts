/**
 * A VM's console: what its serial port says goes into the ring, from which everybody reads at their own speed, and what
 * the one who types says goes to the port.
 */
import type { Log } from "../../base/log.js";
import type { ConsoleStatus, ConsoleUser } from "../../io/console/messages.js";
import { createOutputRing, type OutputRing } from "./outputRing.js";
import type { SerialConnection } from "./serialConnection.js";
import { type Candidate, createWriters } from "./writers.js";

/** A client that has the console open. */
export interface LineClient extends Candidate {
  /** Of the next byte to be sent to it. */
  readonly position: number;
  /** It is at work: what it has not had yet must not be lost. */
  readonly isReading: boolean;
  /** There is more to send. */
  readonly pump: () => void;
  readonly sendStatus: (status: ConsoleStatus) => void;
  /** What it typed before can be taken now. */
  readonly pumpInput: () => void;
}

export interface LineOptions {
  readonly vmName: string;
  /** Output that is kept for those who come later, bytes. */
  readonly ringBytes: number;
  readonly log: Log;
  /** Output is also written there. */
  readonly transcript: ((bytes: Buffer) => void) | undefined;
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
export const readBytes = 65_536;

export function createLine(options: LineOptions): Line {
  const { vmName, ringBytes, log, transcript, onChange, onEvent, now } = options;
  const ring = createOutputRing(ringBytes + readBytes);
  const clients = createWriters<LineClient>();
  let connection: SerialConnection | undefined;
  let connectedSince: Date | undefined;
  let lastError: string | undefined;
  let [bytesIn, bytesOut] = [0, 0];
  /** From which the VM moved away: what it said there last is still to be read. */
  let former: SerialConnection | undefined;
  let isPaused = false;
  /** During a vMotion. */
  let isHeld = false;
  let isFull = false;
  const reported = new Set<string>();

  function statusFor(client: LineClient): ConsoleStatus {
    const { writer, all } = clients;
    return {
      connected: connection !== undefined,
      isWriter: client === writer,
      ...(writer && { writer: writer.user }),
      watchers: all.filter((each) => each !== writer && each !== client).map(({ user }) => user),
    };
  }

  function changed(): void {
    clients.all.forEach((client) => client.sendStatus(statusFor(client)));
    onChange();
  }

  /** Once per connection: a writer repeats it. */
  function tellOnce(text: string): void {
    if (!reported.has(text)) {
      reported.add(text);
      log("info", text, { vm: vmName });
    }
  }

  function write(bytes: Buffer): void {
    if (connection === undefined) {
      tellOnce("what is typed on the console is discarded: the VM's serial port is not connected");
      return;
    }
    bytesOut += bytes.length;
    isFull = !connection.write(bytes) || isFull;
  }

  function pumpInput(): void {
    if (!isHeld && !isFull) {
      clients.all.forEach((client) => client.pumpInput());
    }
  }

  /** The VM is held back for those who are at work; who only watches skips what it cannot take. */
  function applyPause(): void {
    const { writer, all } = clients;
    const needed = all.filter((each) => each.isReading && (each === writer || each.user.kind === "sol"));
    const behind = Math.max(0, ...needed.map(({ position }) => ring.end - position));
    const isToPause = behind >= (isPaused ? ringBytes / 2 : ringBytes);
    if (isToPause !== isPaused) {
      isPaused = isToPause;
      for (const each of [former, connection]) {
        if (isPaused) {
          each?.pause();
        } else {
          each?.resume();
        }
      }
    }
  }

  function use(next: SerialConnection): void {
    connection = next;
    isFull = false;
    reported.clear();
    if (isPaused) {
      next.pause();
    }
  }

  function disconnected(reason: string | undefined): void {
    connection = undefined;
    connectedSince = undefined;
    isHeld = false;
    isFull = false;
    lastError = reason ?? lastError;
    onEvent(reason === undefined ? "the VM closed its serial port" : `the VM's serial port is lost: ${reason}`);
    pumpInput();
    changed();
  }

  function taken(client: LineClient, robbed: LineClient | undefined): void {
    if (robbed !== undefined) {
      onEvent(`console taken from ${describe(robbed.user)}`, client.user);
    }
    pumpInput();
    changed();
    applyPause();
  }

  return {
    ring,
    ringBytes,
    get connection() {
      return connection;
    },
    get connectedSince() {
      return connectedSince;
    },
    get bytesIn() {
      return bytesIn;
    },
    get bytesOut() {
      return bytesOut;
    },
    get lastError() {
      return lastError;
    },
    get writer() {
      return clients.writer?.user;
    },
    get watchers() {
      return clients.all.filter((each) => each !== clients.writer).map(({ user }) => user);
    },
    get size() {
      return clients.all.length;
    },
    connect: (next) => {
      const former = connection;
      use(next);
      connectedSince = now();
      lastError = undefined;
      former?.destroy();
      onEvent(`the VM's serial port is connected from ${next.from}`);
      pumpInput();
      changed();
    },
    received: (from, bytes) => {
      if (from !== connection && from !== former) {
        return;
      }
      bytesIn += bytes.length;
      ring.append(bytes);
      transcript?.(bytes);
      clients.all.forEach((client) => client.pump());
      applyPause();
      onChange();
    },
    drained: (from) => {
      if (from === connection) {
        isFull = false;
        pumpInput();
      }
    },
    closed: (from, reason) => {
      if (from === connection) {
        disconnected(reason);
      } else if (from === former) {
        former = undefined;
      }
    },
    holdInput: (isToHold) => {
      isHeld = isToHold;
      pumpInput();
    },
    moveTo: (next) => {
      former = connection;
      use(next);
      isHeld = false;
      onEvent(`the VM's serial port moved to ${next.from} with the VM`);
      pumpInput();
      onChange();
    },
    failed: (reason) => {
      if (lastError !== reason) {
        lastError = reason;
        onEvent(reason);
        onChange();
      }
    },
    join: (client) => {
      clients.join(client);
      const isWatching = client !== clients.writer;
      onEvent(isWatching ? "console opened to watch" : "console opened", client.user);
      taken(client, undefined);
    },
    leave: (client) => {
      clients.leave(client);
      onEvent("console closed", client.user);
      changed();
      applyPause();
    },
    take: (client) => taken(client, clients.take(client)),
    release: (client) => {
      clients.release(client);
      changed();
      applyPause();
    },
    get takesInput() {
      return !isHeld && !isFull;
    },
    type: (client, bytes) => {
      if (client === clients.writer) {
        write(bytes);
        onChange();
      }
    },
    sendBreak: (client) => {
      if (client === clients.writer && connection?.sendBreak() === false) {
        tellOnce("a break cannot be sent: the VM's serial port is connected as plain TCP, which has none");
      }
    },
    progressed: applyPause,
    close: () => {
      const last = connection;
      connection = undefined;
      last?.end();
    },
  };
}

export function describe({ kind, user, from }: ConsoleUser): string {
  const how = { sol: "Serial over LAN", terminal: "vbmc console", page: "the page" }[kind];
  return `${user} (${how}${from === "" ? "" : `, ${from}`})`;
}
