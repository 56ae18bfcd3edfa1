/**
 * A VM's serial port as ESXi connects it to a concentrator, written from shared facts and a capture, not with the product's
 * code: bytes are put together by hand.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

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

export class StandInVm {
  readonly socket: Socket;
  /** What the concentrator said, as `code data` in hex. */
  readonly messages: string[] = [];
  serial = Buffer.alloc(0);
  breaks = 0;
  isClosed = false;
  private raw = Buffer.alloc(0);
  private readonly waiting = new Set<() => void>();

  constructor(private readonly options: StandInVmOptions) {
    const { port, host = "127.0.0.1", isEncrypted = false } = options;
    this.socket = isEncrypted ? connectTls({ port, host, rejectUnauthorized: false }) : connect({ port, host });
    this.socket.on("data", (chunk) => this.receive(chunk));
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => {
      this.isClosed = true;
      this.check();
    });
  }

  /** Connects and says everything that ESXi says until the serial port is connected. */
  async begin(): Promise<this> {
    await this.open();
    await this.send(vmware(70, `C${this.options.serviceUri}`));
    await this.until(() => this.messages.includes("47") && this.isAsked());
    await this.answer();
    return this;
  }

  /** Connects and negotiates the telnet options. */
  async open(): Promise<void> {
    await once(this.socket, this.options.isEncrypted === true ? "secureConnect" : "connect");
    await this.send(Buffer.from("fffb25", "hex"));
    await this.until(() => this.raw.includes(Buffer.from("fffde8", "hex")));
    await this.send(Buffer.from("fffd00fffd03fffd01fffb00fffb03fffbe8", "hex"));
    await this.until(() => this.messages.some((each) => each.startsWith("01")));
    await this.send(vmware(0, Buffer.from("000102032829 2b2c2d2e30464749505152535455".replace(" ", ""), "hex")));
  }

  /** Answers GET-VM-VC-UUID, GET-VM-BIOS-UUID and GET-VM-NAME as ESXi does. */
  async answer(): Promise<void> {
    const { vcUuid, biosUuid, name = "a VM" } = this.options;
    const spell = (hex: string): string =>
      hex
        .replace(/(..)/g, "$1 ")
        .trim()
        .replace(/^(.{23}) /, "$1-");
    await this.send(
      Buffer.concat([
        vcUuid === undefined ? vmware(2, Buffer.from([81])) : vmware(80, spell(vcUuid)),
        biosUuid === undefined ? vmware(2, Buffer.from([85])) : vmware(84, spell(biosUuid)),
        vmware(82, name),
      ]),
    );
  }

  /** What the guest prints. */
  async print(text: string | Buffer): Promise<void> {
    const bytes = Buffer.from(text as string);
    await this.send(
      bytes.includes(IAC) ? Buffer.from([...bytes].flatMap((each) => (each === IAC ? [IAC, IAC] : [each]))) : bytes,
    );
  }

  async send(bytes: Buffer): Promise<void> {
    const { pieceBytes = bytes.length } = this.options;
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const isTaken = this.socket.write(bytes.subarray(at, at + pieceBytes));
      if (pieceBytes < bytes.length) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!isTaken && !this.socket.destroyed) {
        await Promise.race([once(this.socket, "drain"), once(this.socket, "close")]);
      }
    }
  }

  async until(holds: () => boolean, boundMs = 10_000): Promise<void> {
    if (holds()) {
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`still waiting; got ${this.messages.join(", ")}`)), boundMs);
      const check = (): void => {
        if (holds()) {
          clearTimeout(timer);
          this.waiting.delete(check);
          resolve();
        }
      };
      this.waiting.add(check);
    });
  }

  untilTyped(text: string): Promise<void> {
    return this.until(() => this.serial.includes(text));
  }

  untilClosed(): Promise<void> {
    return this.until(() => this.isClosed);
  }

  private isAsked(): boolean {
    return ["51", "53", "55"].every((code) => this.messages.includes(code));
  }

  private receive(chunk: Buffer): void {
    this.raw = Buffer.concat([this.raw, chunk]);
    this.parse();
    this.check();
  }

  private check(): void {
    this.waiting.forEach((check) => check());
  }

  /** Parses from where the last complete thing ended. */
  private parsed = 0;
  private parse(): void {
    for (;;) {
      const rest = this.raw.subarray(this.parsed);
      const [first, second] = rest;
      if (first === undefined || (first === IAC && second === undefined)) {
        return;
      }
      if (first !== IAC) {
        const end = rest.indexOf(IAC);
        this.add(rest.subarray(0, end === -1 ? rest.length : end));
      } else if (second === IAC) {
        this.serial = Buffer.concat([this.serial, Buffer.from([IAC])]);
        this.parsed += 2;
      } else if (second === SB) {
        const message = subnegotiation(rest);
        if (message === undefined) {
          return;
        }
        this.messages.push(message.content.toString("hex"));
        this.parsed += message.length;
      } else if (second !== undefined && second >= 0xfb) {
        if (rest.length < 3) {
          return;
        }
        this.parsed += 3;
      } else {
        this.breaks += second === 0xf3 ? 1 : 0;
        this.parsed += 2;
      }
    }
  }

  private add(bytes: Buffer): void {
    this.serial = Buffer.concat([this.serial, bytes]);
    this.parsed += bytes.length;
  }
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
