/**
 * A remote console that costs little: packets are made before the clock runs, and answers are checked by their frame
 * only. It is built on the tests' independent packet builder.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

import {
  lanRequest,
  openPlainPacket,
  openSessionPacket,
  openSessionRequest,
  plainPacket,
  rakp1,
  rakp3,
  rakpSecrets,
  readLanResponse,
  type SessionKeys,
  sessionPacket,
  suites,
} from "../../test/support/packets.js";
import type { Target } from "./messages.js";

const login = { name: "admin", password: "password" } as const;
/** A datagram that is not answered within this time is lost, ms. */
const usualPatienceMs = 1_000;

/** One socket, one datagram under way at a time. */
export class Console {
  readonly #socket: Socket;
  #take: ((datagram: Buffer) => void) | undefined;
  lost = 0;

  private constructor(
    socket: Socket,
    private readonly patienceMs: number,
  ) {
    this.#socket = socket;
    socket.on("message", (datagram) => this.#take?.(datagram));
    // Nobody listens there any more: the time-out tells.
    socket.on("error", () => undefined);
  }

  static async open(port: number, patienceMs = usualPatienceMs): Promise<Console> {
    const socket = createSocket("udp4");
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Console(socket, patienceMs);
  }

  close(): void {
    this.#socket.close();
  }

  /** Sends, and calls back with the next datagram that comes, or undefined when none does. */
  exchange(datagram: Buffer, done: (answer: Buffer | undefined) => void): void {
    const finish = (answer: Buffer | undefined): void => {
      clearTimeout(timer);
      this.#take = undefined;
      done(answer);
    };
    const timer = setTimeout(() => {
      this.lost++;
      finish(undefined);
    }, this.patienceMs);
    this.#take = finish;
    this.#socket.send(datagram);
  }

  /** Sends without waiting for an answer. */
  send(datagram: Buffer): void {
    this.#socket.send(datagram);
  }

  /** From now on takes all that comes. */
  listen(take: (datagram: Buffer) => void): void {
    this.#take = take;
  }

  /** @throws when no answer comes */
  ask(datagram: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.exchange(datagram, (answer) => {
        if (answer) {
          resolve(answer);
        } else {
          reject(new Error("no answer"));
        }
      });
    });
  }

  /** Open Session and RAKP. @throws when the BMC refuses */
  async logIn({ suite = 3 }: Target): Promise<SessionKeys> {
    const { auth, integ, conf } = suites[suite];
    const opened = openPlainPacket(await this.ask(plainPacket(0x10, openSessionRequest(auth, integ, conf, 4)))).payload;
    requireOk(opened, "Open Session");
    const managedSessionId = opened.readUInt32LE(8);
    const message2 = openPlainPacket(await this.ask(plainPacket(0x12, rakp1(managedSessionId, login.name)))).payload;
    requireOk(message2, "RAKP 1");
    const { code3, k1, k2 } = rakpSecrets(
      { suite, ...login },
      managedSessionId,
      message2.subarray(8, 24),
      message2.subarray(24, 40),
    );
    requireOk(openPlainPacket(await this.ask(plainPacket(0x14, rakp3(managedSessionId, code3)))).payload, "RAKP 3");
    return { suite, managedSessionId, password: login.password, k1, k2 };
  }

  async logOut(keys: SessionKeys, sequence: number): Promise<void> {
    const id = Buffer.alloc(4);
    id.writeUInt32LE(keys.managedSessionId);
    await this.ask(sessionPacket(keys, lanRequest(0x06, 0x3c, [...id]), sequence));
  }
}

/** A console with an open session at ADMINISTRATOR. */
export class SessionConsole {
  #sequence = 0;
  #rqSeq = 0;

  private constructor(
    readonly console: Console,
    private readonly keys: SessionKeys,
  ) {}

  static async open(target: Target, patienceMs?: number): Promise<SessionConsole> {
    const console = await Console.open(target.port, patienceMs);
    const session = new SessionConsole(console, await console.logIn(target));
    await session.request(0x06, 0x3b, [4]);
    return session;
  }

  seal(netFn: number, command: number, data: readonly number[] = []): Buffer {
    return sessionPacket(this.keys, lanRequest(netFn, command, data, ++this.#rqSeq & 0x3f), ++this.#sequence);
  }

  /** The data of the answer. @throws for a completion code other than 00h, naming it */
  async request(netFn: number, command: number, data: readonly number[] = []): Promise<Buffer> {
    const answer = await this.console.ask(this.seal(netFn, command, data));
    const { code, data: answered } = readLanResponse(openSessionPacket(this.keys, answer).message);
    if (code !== 0) {
      throw new Error(`completion code ${code.toString(16)}h`);
    }
    return answered;
  }

  /** A packet of the session with a payload of this type. */
  sealPayload(type: number, payload: Buffer): Buffer {
    return sessionPacket(this.keys, payload, ++this.#sequence, type);
  }

  /** Payload type and payload of a packet from the BMC. */
  open(datagram: Buffer): { payloadType: number; message: Buffer } {
    return openSessionPacket(this.keys, datagram);
  }

  async isPoweredOn(): Promise<boolean> {
    return ((await this.request(0x00, 0x01))[0]! & 1) === 1;
  }

  async close(): Promise<void> {
    await this.console.logOut(this.keys, ++this.#sequence).catch(() => undefined);
    this.console.close();
  }
}

function requireOk(payload: Buffer, what: string): void {
  if (payload[1] !== 0) {
    throw new Error(`${what} is refused with status ${payload[1] ?? -1}`);
  }
}
