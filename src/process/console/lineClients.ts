/** Who has a VM's console open: what they are told, who of them types, and when the VM has to wait for them. */
import { defined } from "../../base/defined.js";
import { describeUser } from "../../io/console/consoleUsers.js";
import type { ConsoleStatus, ConsoleUser } from "../../io/console/messages.js";
import type { LineInput } from "./lineInput.js";
import type { LinePort } from "./linePort.js";
import type { OutputRing } from "./outputRing.js";
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

export interface LineClientsOptions {
  readonly ring: OutputRing;
  readonly ringBytes: number;
  readonly input: LineInput;
  readonly port: () => LinePort;
  /** Who has it open has changed. */
  /** Bytes were typed. */
  readonly onCount: () => void;
  readonly onChange: () => void;
  /** For `vbmc events`. */
  readonly onEvent: (text: string, who: ConsoleUser) => void;
}

export interface LineClients {
  readonly writer: ConsoleUser | undefined;
  readonly watchers: readonly ConsoleUser[];
  readonly size: number;
  readonly join: (client: LineClient) => void;
  readonly leave: (client: LineClient) => void;
  readonly take: (client: LineClient) => void;
  readonly release: (client: LineClient) => void;
  /** Only the writer's goes to the VM. */
  readonly type: (client: LineClient, bytes: Buffer) => void;
  readonly sendBreak: (client: LineClient) => void;
  /** There is more output. */
  readonly pump: () => void;
  /** Input may be taken that had to wait. */
  readonly pumpInput: () => void;
  /** Holds the VM back, or lets it go on, as those who are at work have read. */
  readonly applyPause: () => void;
  /** Tells all of them who types, who watches, and whether the VM is connected. */
  readonly sendStatus: () => void;
}

export function createLineClients(options: LineClientsOptions): LineClients {
  const { ring, ringBytes, input, port, onCount, onChange, onEvent } = options;
  const clients = createWriters<LineClient>();

  function statusFor(client: LineClient): ConsoleStatus {
    const { writer, all } = clients;
    return defined({
      connected: port().connection !== undefined,
      isWriter: client === writer,
      writer: writer?.user,
      watchers: all.filter((each) => each !== writer && each !== client).map(({ user }) => user),
    });
  }

  const sendStatus = (): void => clients.all.forEach((client) => client.sendStatus(statusFor(client)));

  function pumpInput(): void {
    if (input.isOpen) {
      clients.all.forEach((client) => client.pumpInput());
    }
  }

  /** The VM is held back for those who are at work; who only watches skips what it cannot take. */
  function applyPause(): void {
    const { writer, all } = clients;
    const { isPaused, setPaused } = port();
    const needed = all.filter((each) => each.isReading && (each === writer || each.user.kind === "sol"));
    const behind = Math.max(0, ...needed.map(({ position }) => ring.end - position));
    const isToPause = behind >= (isPaused ? ringBytes / 2 : ringBytes);
    if (isToPause !== isPaused) {
      setPaused(isToPause);
    }
  }

  function changed(): void {
    sendStatus();
    onChange();
    applyPause();
  }

  function taken(client: LineClient, robbed: LineClient | undefined): void {
    if (robbed !== undefined) {
      onEvent(`console taken from ${describeUser(robbed.user)}`, client.user);
    }
    pumpInput();
    changed();
  }

  return {
    get writer() {
      return clients.writer?.user;
    },
    get watchers() {
      return clients.all.filter((each) => each !== clients.writer).map(({ user }) => user);
    },
    get size() {
      return clients.all.length;
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
    },
    take: (client) => taken(client, clients.take(client)),
    release: (client) => {
      clients.release(client);
      changed();
    },
    type: (client, bytes) => {
      if (client === clients.writer) {
        input.write(bytes);
        onCount();
      }
    },
    sendBreak: (client) => {
      if (client === clients.writer) {
        input.sendBreak();
      }
    },
    pump: () => clients.all.forEach((client) => client.pump()),
    pumpInput,
    applyPause,
    sendStatus,
  };
}
