/**
 * A VM's serial port as ESXi connects it to a concentrator, written from shared facts and a capture, not with the product's
 * code: bytes are put together by hand.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import { patiently } from "./patience.js";

export interface StandInVmOptions {
  readonly port: number;
  readonly host?: string;
  readonly serviceUri: string;
  /** 32 hex digits. */
  readonly vcUuid?: string;
  readonly biosUuid?: string;
  readonly name?: string;
  readonly isEncrypted?: boolean;
  /** Each write is cut into pieces of so many bytes. */
  readonly pieceBytes?: number;
}

const [IAC, SB, SE] = [0xff, 0xfa, 0xf0];

/** FF FA E8 code data FF F0, FF doubled. */
export function vmware(code: number, data: Uint8Array | string = ""): Buffer {
  const content = [code, ...Buffer.from(data)].flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte]));
  return Buffer.from([IAC, SB, 0xe8, ...content, IAC, SE]);
}

export interface StandInVm {
  readonly socket: Socket;
  /** What the concentrator said, as `code data` in hex. */
  readonly messages: readonly string[];
  /** What was typed. */
  readonly serial: Buffer;
  readonly breaks: number;
  readonly isClosed: boolean;
  /** Connects and says everything that ESXi says until the serial port is connected. */
  readonly begin: () => Promise<StandInVm>;
  /** Connects and negotiates the telnet options. */
  readonly open: () => Promise<void>;
  /** Answers GET-VM-VC-UUID, GET-VM-BIOS-UUID and GET-VM-NAME as ESXi does. */
  readonly answer: () => Promise<void>;
  /** What the guest prints. */
  readonly print: (text: string | Buffer) => Promise<void>;
  readonly send: (bytes: Buffer) => Promise<void>;
  readonly until: (holds: () => boolean) => Promise<void>;
  readonly untilTyped: (text: string) => Promise<void>;
  readonly untilClosed: () => Promise<void>;
}

export function createStandInVm(options: StandInVmOptions): StandInVm {
  const { port, host = "127.0.0.1", isEncrypted = false } = options;
  const socket: Socket = isEncrypted ? connectTls({ port, host, rejectUnauthorized: false }) : connect({ port, host });
  const received = createReceived();
  const waiting = new Set<() => void>();
  let isClosed = false;
  const check = (): void => waiting.forEach((each) => each());

  socket.on("data", (chunk) => {
    received.push(chunk);
    check();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isClosed = true;
    check();
  });

  async function send(bytes: Buffer): Promise<void> {
    const { pieceBytes = bytes.length } = options;
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const isTaken = socket.write(bytes.subarray(at, at + pieceBytes));
      if (pieceBytes < bytes.length) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!isTaken && !socket.destroyed) {
        await Promise.race([once(socket, "drain"), once(socket, "close")]);
      }
    }
  }

  async function until(holds: () => boolean): Promise<void> {
    const isSo = new Promise<void>((resolve) => {
      const look = (): void => {
        if (holds()) {
          waiting.delete(look);
          resolve();
        }
      };
      waiting.add(look);
      look();
    });
    await patiently(isSo, () => `only ${received.messages.join(", ")}`);
  }

  async function open(): Promise<void> {
    await once(socket, isEncrypted ? "secureConnect" : "connect");
    await send(Buffer.from("fffb25", "hex"));
    await until(() => received.bytes.includes(Buffer.from("fffde8", "hex")));
    await send(Buffer.from("fffd00fffd03fffd01fffb00fffb03fffbe8", "hex"));
    await until(() => received.messages.some((each) => each.startsWith("01")));
    await send(vmware(0, Buffer.from("0001020328292b2c2d2e30464749505152535455", "hex")));
  }

  async function answer(): Promise<void> {
    const { vcUuid, biosUuid, name = "a VM" } = options;
    const spell = (hex: string): string =>
      hex
        .replace(/(..)/g, "$1 ")
        .trim()
        .replace(/^(.{23}) /, "$1-");
    await send(
      Buffer.concat([
        vcUuid === undefined ? vmware(2, Buffer.from([81])) : vmware(80, spell(vcUuid)),
        biosUuid === undefined ? vmware(2, Buffer.from([85])) : vmware(84, spell(biosUuid)),
        vmware(82, name),
      ]),
    );
  }

  const isAsked = (): boolean => ["51", "53", "55"].every((code) => received.messages.includes(code));
  const vm: StandInVm = {
    socket,
    messages: received.messages,
    get serial() {
      return received.serial();
    },
    get breaks() {
      return received.breaks();
    },
    get isClosed() {
      return isClosed;
    },
    begin: async () => {
      await open();
      await send(vmware(70, `C${options.serviceUri}`));
      await until(() => received.messages.includes("47") && isAsked());
      await answer();
      return vm;
    },
    open,
    answer,
    print: async (text) => {
      const bytes = Buffer.from(text as string);
      await send(
        bytes.includes(IAC) ? Buffer.from([...bytes].flatMap((each) => (each === IAC ? [IAC, IAC] : [each]))) : bytes,
      );
    },
    send,
    until,
    untilTyped: (text) => until(() => received.serial().includes(text)),
    untilClosed: () => until(() => isClosed),
  };
  return vm;
}

interface Received {
  readonly bytes: Buffer;
  readonly messages: readonly string[];
  readonly serial: () => Buffer;
  readonly breaks: () => number;
  readonly push: (chunk: Buffer) => void;
}

/** Takes apart what the concentrator sends. */
function createReceived(): Received {
  const messages: string[] = [];
  let raw = Buffer.alloc(0);
  let serial = Buffer.alloc(0);
  let breaks = 0;
  /** Where the last complete thing ended. */
  let parsed = 0;

  function add(bytes: Buffer, length: number): boolean {
    serial = Buffer.concat([serial, bytes]);
    parsed += length;
    return true;
  }

  function command(rest: Buffer, code: number): boolean {
    if (code === SB) {
      const message = subnegotiation(rest);
      messages.push(...(message ? [message.content.toString("hex")] : []));
      parsed += message?.length ?? 0;
      return message !== undefined;
    }
    const length = code >= 0xfb ? 3 : 2;
    if (rest.length < length) {
      return false;
    }
    breaks += code === 0xf3 ? 1 : 0;
    parsed += length;
    return true;
  }

  /** False: more bytes are needed. */
  function parseNext(): boolean {
    const rest = raw.subarray(parsed);
    const [first, second] = rest;
    if (first === undefined || (first === IAC && second === undefined)) {
      return false;
    }
    if (first !== IAC) {
      const end = rest.indexOf(IAC);
      const data = rest.subarray(0, end === -1 ? rest.length : end);
      return add(data, data.length);
    }
    return second === IAC ? add(Buffer.from([IAC]), 2) : command(rest, second ?? 0);
  }

  return {
    get bytes() {
      return raw;
    },
    messages,
    serial: () => serial,
    breaks: () => breaks,
    push: (chunk) => {
      raw = Buffer.concat([raw, chunk]);
      while (parseNext()) {
        // Until more bytes are needed.
      }
    },
  };
}

function subnegotiation(bytes: Buffer): { readonly content: Buffer; readonly length: number } | undefined {
  const content: number[] = [];
  for (let at = 3; at + 1 < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte !== IAC) {
      content.push(byte);
    } else if (bytes[at + 1] === SE) {
      return { content: Buffer.from(content), length: at + 2 };
    } else {
      content.push(IAC);
      at++;
    }
  }
  return undefined;
}
