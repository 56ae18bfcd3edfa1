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
export interface Console {
  /** Sends, and calls back with the next datagram that comes, or undefined when none does. */
  readonly exchange: (datagram: Buffer, done: (answer: Buffer | undefined) => void) => void;
  /** Sends without waiting for an answer. */
  readonly send: (datagram: Buffer) => void;
  /** From now on takes all that comes. */
  readonly listen: (take: (datagram: Buffer) => void) => void;
  /** Rejects when no answer comes. */
  readonly ask: (datagram: Buffer) => Promise<Buffer>;
  /** Open Session and RAKP. Rejects when the BMC refuses. */
  readonly logIn: (target: Target) => Promise<SessionKeys>;
  readonly logOut: (keys: SessionKeys, sequence: number) => Promise<void>;
  readonly close: () => void;
}

export const Console = {
  open: async (port: number, patienceMs = usualPatienceMs): Promise<Console> => {
    const socket = createSocket("udp4");
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
    return consoleOn(socket, patienceMs);
  },
};

function consoleOn(socket: Socket, patienceMs: number): Console {
  let take: ((datagram: Buffer) => void) | undefined;
  socket.on("message", (datagram) => take?.(datagram));
  // The server is gone: the time-out reports it.
  socket.on("error", () => undefined);

  const exchange: Console["exchange"] = (datagram, done) => {
    const finish = (answer: Buffer | undefined): void => {
      clearTimeout(timer);
      take = undefined;
      done(answer);
    };
    const timer = setTimeout(() => finish(undefined), patienceMs);
    take = finish;
    socket.send(datagram);
  };

  const ask: Console["ask"] = (datagram) =>
    new Promise((resolve, reject) => {
      exchange(datagram, (answer) => {
        if (answer) {
          resolve(answer);
        } else {
          reject(new Error("no answer"));
        }
      });
    });

  return {
    exchange,
    ask,
    send: (datagram) => socket.send(datagram),
    listen: (taker) => {
      take = taker;
    },
    logIn: (target) => logIn(ask, target),
    logOut: async (keys, sequence) => {
      const id = Buffer.alloc(4);
      id.writeUInt32LE(keys.managedSessionId);
      await ask(sessionPacket(keys, lanRequest(0x06, 0x3c, [...id]), sequence));
    },
    close: () => socket.close(),
  };
}

async function logIn(ask: Console["ask"], { suite = 3 }: Target): Promise<SessionKeys> {
  const { auth, integ, conf } = suites[suite];
  const opened = openPlainPacket(await ask(plainPacket(0x10, openSessionRequest(auth, integ, conf, 4)))).payload;
  requireOk(opened, "Open Session");
  const managedSessionId = opened.readUInt32LE(8);
  const message2 = openPlainPacket(await ask(plainPacket(0x12, rakp1(managedSessionId, login.name)))).payload;
  requireOk(message2, "RAKP 1");
  const { code3, k1, k2 } = rakpSecrets(
    { suite, ...login },
    managedSessionId,
    message2.subarray(8, 24),
    message2.subarray(24, 40),
  );
  requireOk(openPlainPacket(await ask(plainPacket(0x14, rakp3(managedSessionId, code3)))).payload, "RAKP 3");
  return { suite, managedSessionId, password: login.password, k1, k2 };
}

/** A console with an open session at ADMINISTRATOR. */
export interface SessionConsole {
  readonly console: Console;
  readonly seal: (netFn: number, command: number, data?: readonly number[]) => Buffer;
  /** The data of the answer. Rejects for a completion code other than 00h, naming it. */
  readonly request: (netFn: number, command: number, data?: readonly number[]) => Promise<Buffer>;
  /** A packet of the session with a payload of this type. */
  readonly sealPayload: (type: number, payload: Buffer) => Buffer;
  /** Payload type and payload of a packet from the BMC. */
  readonly open: (datagram: Buffer) => { readonly payloadType: number; readonly message: Buffer };
  readonly isPoweredOn: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export const SessionConsole = {
  open: async (target: Target, patienceMs?: number): Promise<SessionConsole> => {
    const console = await Console.open(target.port, patienceMs);
    const session = sessionOn(console, await console.logIn(target));
    await session.request(0x06, 0x3b, [4]);
    return session;
  },
};

function sessionOn(console: Console, keys: SessionKeys): SessionConsole {
  let sequence = 0;
  let rqSeq = 0;
  const seal: SessionConsole["seal"] = (netFn, command, data = []) =>
    sessionPacket(keys, lanRequest(netFn, command, data, ++rqSeq & 0x3f), ++sequence);
  const request: SessionConsole["request"] = async (netFn, command, data) => {
    const answer = await console.ask(seal(netFn, command, data));
    const { code, data: answered } = readLanResponse(openSessionPacket(keys, answer).message);
    if (code !== 0) {
      throw new Error(`completion code ${code.toString(16)}h`);
    }
    return answered;
  };
  return {
    console,
    seal,
    request,
    sealPayload: (type, payload) => sessionPacket(keys, payload, ++sequence, type),
    open: (datagram) => openSessionPacket(keys, datagram),
    isPoweredOn: async () => ((await request(0x00, 0x01))[0]! & 1) === 1,
    close: async () => {
      await console.logOut(keys, ++sequence).catch(() => undefined);
      console.close();
    },
  };
}

function requireOk(payload: Buffer, what: string): void {
  if (payload[1] !== 0) {
    throw new Error(`${what} is refused with status ${payload[1] ?? -1}`);
  }
}
