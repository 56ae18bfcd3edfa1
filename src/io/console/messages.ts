/** What the frames with JSON in them hold. */
import { boolean, type Codec, fields, list, oneOf, optional, text } from "../../base/document/codec.js";

/** Someone who has a console open. */
export interface ConsoleUser {
  /** How: Serial over LAN, `vbmc console`, or the page. */
  readonly kind: (typeof kinds)[number];
  readonly user: string;
  /** Address of the client, `this host` for the command line. */
  readonly from: string;
}

/** How a console stands; sent at first (`welcome`) and after each change (`status`). */
export interface ConsoleStatus {
  /** Whether the VM's serial port is connected. */
  readonly connected: boolean;
  /** Whether what this client types reaches the VM. */
  readonly isWriter: boolean;
  /** Who types, this client included. */
  readonly writer?: ConsoleUser | undefined;
  /** Who else has the console open: all but this client and the writer. */
  readonly watchers: readonly ConsoleUser[];
}

export interface ConsoleHello {
  /** The one-time key that the supervisor made. */
  readonly key: string;
}

/** Why the console process ends a stream. */
export interface ConsoleEnd {
  /**
   * `refused`: unknown, used or old key; `withdrawn`: the BMC was stopped, changed or deleted; `full`: too many watch;
   * `protocol`: bad frames; `closing`: the process ends, a new one will come.
   */
  readonly reason: (typeof endReasons)[number];
  /** A sentence for people. */
  readonly message: string;
}

const kinds = ["sol", "terminal", "page"] as const;
const endReasons = ["refused", "withdrawn", "full", "protocol", "closing"] as const;

/** Most who may have one console open. */
export const maxUsers = 32;

const consoleUser: Codec<ConsoleUser> = fields<ConsoleUser>({
  kind: oneOf(...kinds),
  user: text(1024),
  from: text(1024),
});

export const consoleStatus: Codec<ConsoleStatus> = fields<ConsoleStatus>({
  connected: boolean,
  isWriter: boolean,
  writer: optional(consoleUser),
  watchers: list(consoleUser, maxUsers),
});

export const consoleHello: Codec<ConsoleHello> = fields({ key: text(256) });

export const consoleEnd: Codec<ConsoleEnd> = fields({ reason: oneOf(...endReasons), message: text(4096) });

export function encodeMessage<T>(codec: Codec<T>, value: T): Buffer {
  return Buffer.from(JSON.stringify(codec.encode(value)));
}

/** @throws Error that says what is wrong with it */
export function decodeMessage<T>(codec: Codec<T>, payload: Buffer): T {
  return codec.decode(JSON.parse(payload.toString()));
}
