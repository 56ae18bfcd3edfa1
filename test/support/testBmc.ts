/** A responder with a fake machine, a clock that stands still and numbers that are not random. */
import { type Bmc, type BmcOptions, createBmc } from "../../src/model/bmc/bmc.js";
import { createInMemoryStorage } from "../../src/model/bmc/state/storage.js";
import { commands } from "../../src/protocol/ipmi/commands/index.js";
import { createResponder, type Responder, type ResponderOptions } from "../../src/protocol/ipmi/responder.js";
import { createFakeMachine, type FakeMachine } from "./fakeMachine.js";
import { createFakeTimers, type FakeTimers } from "./fakeTimers.js";
import {
  type Answer,
  hex,
  lanRequest,
  type Login,
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
} from "./packets.js";

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface TestBmc {
  readonly machine: FakeMachine;
  readonly bmc: Bmc;
  readonly responder: Responder;
  readonly log: readonly LogLine[];
  readonly timers: FakeTimers;
  readonly write: (level: string, message: string, fields?: LogLine["fields"]) => void;
  /** Milliseconds; tests move it. */
  now: number;
  /** Lets time pass, and timers run that become due. */
  readonly pass: (ms: number) => void;
  /** What a link does: tells the BMC the machine's state. The machine's own operations do it by themselves. */
  readonly push: () => void;
  /** All datagrams that came back at once. */
  readonly exchange: (datagram: Buffer, port?: number) => Buffer[];
  /** The datagram that comes back, now or later. */
  readonly ask: (datagram: Buffer) => Promise<Buffer>;
}

export const account = { name: "admin", password: "password" } as const;

export function createTestBmc(
  options: Partial<BmcOptions> = {},
  responderOptions: Partial<ResponderOptions> = {},
): TestBmc {
  const machine = createFakeMachine();
  const log: LogLine[] = [];
  const timers = createFakeTimers(1_000_000);
  const write = (level: string, message: string, fields: LogLine["fields"] = {}): void =>
    void log.push({ level, message, fields });
  let counter = 0;
  const bmc = createBmc({
    vmName: "vm1",
    firmwareVersion: "1.2.3",
    username: account.name,
    password: account.password,
    fakemac: "02:00:00:11:22:33",
    cipherSuites: [3, 17],
    ipmi15Auth: ["md5"],
    badPasswordPolicy: { threshold: 0, countResetSeconds: 0, lockoutSeconds: 0 },
    machine,
    timers,
    log: write,
    storage: createInMemoryStorage(),
    lan: () => ({
      port: 623,
      families: "ipv4",
      isStatic: true,
      timeToLive: 64,
      ipv4: { address: "192.0.2.7", netmask: "255.255.255.0" },
      gateway: { address: "192.0.2.1", mac: "02:00:00:aa:bb:cc" },
    }),
    ...options,
  });
  const test: TestBmc = {
    machine,
    bmc,
    log,
    timers,
    write,
    get now() {
      return timers.time;
    },
    set now(time) {
      timers.time = time;
    },
    pass: timers.pass,
    push: () => {
      const snapshot = machine.snapshot();
      if (snapshot) {
        bmc.observe(snapshot);
      }
    },
    responder: createResponder({
      bmc,
      machine,
      commands,
      sessionTimeoutMs: 60_000,
      maxSessions: 64,
      now: timers.now,
      after: timers.after,
      randomBytes: (size) => {
        const bytes = Buffer.alloc(size, ++counter);
        bytes.writeUInt8(counter >> 8 || counter, size - 1);
        return bytes;
      },
      log: write,
      ...responderOptions,
    }),
    exchange: (datagram, port = 40_000) => {
      const replies: Buffer[] = [];
      test.responder.receive(datagram, { address: "192.0.2.1", port }, (reply) => replies.push(reply));
      return replies;
    },
    ask: (datagram) =>
      new Promise((resolve) => {
        test.responder.receive(datagram, { address: "192.0.2.1", port: 40_000 }, resolve);
      }),
  };
  machine.onChange = test.push;
  return test;
}

export interface TestSession {
  readonly keys: SessionKeys;
  readonly request: (netFn: number, command: number, data?: readonly number[]) => Promise<Answer>;
  /** The next packet of the session, to be sent by the test. */
  readonly packet: (netFn: number, command: number, data?: readonly number[]) => Buffer;
  readonly read: (datagram: Buffer) => Answer;
  /** The next packet of the session with a payload of this type. */
  readonly seal: (payloadType: number, payload: Buffer) => Buffer;
}

/** Logs in by the book, checking all that the managed system proves; throws when it is refused. */
export function logIn(test: TestBmc, given: Partial<Login> & { readonly privilege?: number } = {}): TestSession {
  const login: Login = { suite: 3, ...account, ...given };
  const { auth, integ, conf } = suites[login.suite];
  const one = (datagram: Buffer): Buffer => {
    const [reply] = test.exchange(datagram);
    if (!reply) {
      throw new Error("no answer");
    }
    return openPlainPacket(reply).payload;
  };
  const opened = one(plainPacket(0x10, openSessionRequest(auth, integ, conf, given.privilege ?? 0)));
  if (opened[1] !== 0) {
    throw new Error(`Open Session status ${opened[1] ?? -1}`);
  }
  const managedSessionId = opened.readUInt32LE(8);
  const message2 = one(plainPacket(0x12, rakp1(managedSessionId, login.name, login.role)));
  if (message2[1] !== 0) {
    throw new Error(`RAKP 2 status ${message2[1] ?? -1}`);
  }
  const secrets = rakpSecrets(login, managedSessionId, message2.subarray(8, 24), message2.subarray(24, 40));
  if (!secrets.code2.equals(message2.subarray(40))) {
    throw new Error("RAKP 2 has a wrong key exchange code");
  }
  const message4 = one(plainPacket(0x14, rakp3(managedSessionId, secrets.code3)));
  if (message4[1] !== 0) {
    throw new Error(`RAKP 4 status ${message4[1] ?? -1}`);
  }
  if (!secrets.icv.equals(message4.subarray(8))) {
    throw new Error("RAKP 4 has a wrong integrity check value");
  }
  const keys: SessionKeys = {
    suite: login.suite,
    managedSessionId,
    password: login.password,
    k1: secrets.k1,
    k2: secrets.k2,
  };
  let sequence = 0;
  let rqSeq = 0;
  const seal: TestSession["seal"] = (payloadType, payload) => sessionPacket(keys, payload, ++sequence, payloadType);
  const packet: TestSession["packet"] = (netFn, command, data) =>
    seal(0x00, lanRequest(netFn, command, data, ++rqSeq & 0x3f));
  const read = (datagram: Buffer): Answer => readLanResponse(openSessionPacket(keys, datagram).message);
  return { keys, packet, read, seal, request: async (...words) => read(await test.ask(packet(...words))) };
}

/** Session-less Get Channel Authentication Capabilities as ipmitool sends it. */
export const authenticationCapabilities = hex("06 00 ff 07 00 00000000 00000000 09 20 18 c8 81 00 38 8e 04 b5");
