/** A concentrator of the tests' own, to which VMs' serial ports connect: VMware's telnet extension as it was captured, no more. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

import { closedAtTheEnd } from "./leftOpen.js";
import { patiently } from "./patience.js";

export interface StandInConnection {
  readonly socket: Socket;
  /** What the guest has written, without telnet. */
  readonly data: () => Buffer;
  readonly text: () => string;
  /** `WILL 37`, in their order. */
  readonly options: readonly string[];
  readonly suboptions: readonly Suboption[];
  readonly isClosed: () => boolean;
  /** Of the suboption with this code that came last. */
  readonly last: (code: number) => Buffer | undefined;
  /** To the guest. */
  readonly type: (text: Buffer | string) => void;
  readonly suboption: (code: number, bytes?: Buffer) => void;
  /** Resolves once it is so. */
  readonly until: (isSo: () => boolean) => Promise<void>;
  readonly untilText: (expected: RegExp | string) => Promise<void>;
}

export interface Suboption {
  readonly code: number;
  readonly bytes: Buffer;
}

export interface StandIn {
  readonly port: number;
  readonly connections: readonly StandInConnection[];
  /** The `count`th connection, as soon as it is there. */
  readonly connection: (count: number) => Promise<StandInConnection>;
  /** Answers a suboption instead of the usual answer; true: it has. */
  answer: (connection: StandInConnection, suboption: Suboption) => boolean;
  readonly close: () => Promise<void>;
}

export interface StandInOptions {
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Says nothing by itself. */
  readonly isSilent?: boolean;
}

const verbs: Readonly<Record<number, string>> = { 251: "WILL", 252: "WONT", 253: "DO", 254: "DONT" };
/** WILL BINARY, SGA, ECHO; DO BINARY, SGA, 232; DONT 37 */
const opening = Buffer.from("fffb00fffb03fffb01fffd00fffd03fffde8fffe25", "hex");
const known = Buffer.from([0, 1, 2, 3, 40, 41, 43, 44, 45, 46, 48, 70, 71, 73, 80, 81, 82, 83, 84, 85]);
export const vmotionSecret = Buffer.from("ff00ff11", "hex");

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const connections: StandInConnection[] = [];
  const waiting = new Set<() => void>();
  const news = (): void => waiting.forEach((look) => look());

  function until(isSo: () => boolean, what: () => string): Promise<void> {
    const found = new Promise<void>((resolve) => {
      const look = (): void => {
        if (isSo()) {
          waiting.delete(look);
          resolve();
        }
      };
      waiting.add(look);
      look();
    });
    return patiently(found, what);
  }

  function take(socket: Socket): void {
    const pieces: Buffer[] = [];
    const seenOptions: string[] = [];
    const suboptions: Suboption[] = [];
    let isClosed = false;
    const data = (): Buffer => {
      const all = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      pieces.splice(0, pieces.length, all);
      return all;
    };
    const connection: StandInConnection = {
      socket,
      data,
      text: () => data().toString("latin1"),
      options: seenOptions,
      suboptions,
      isClosed: () => isClosed,
      last: (code) => suboptions.filter((each) => each.code === code).at(-1)?.bytes,
      type: (text) => void socket.write(doubled(Buffer.from(text))),
      suboption: (code, bytes = Buffer.alloc(0)) =>
        void socket.write(
          Buffer.concat([
            Buffer.from([255, 250, 232]),
            doubled(Buffer.concat([Buffer.of(code), bytes])),
            Buffer.from([255, 240]),
          ]),
        ),
      until: (isSo) =>
        until(isSo, () => `${seenOptions.join(", ")}; ${JSON.stringify(suboptions)}; ${connection.text().slice(-500)}`),
      untilText: (expected) =>
        connection.until(() =>
          typeof expected === "string" ? connection.text().includes(expected) : expected.test(connection.text()),
        ),
    };
    const onByte = createParser({
      onData: (bytes) => pieces.push(bytes),
      onOption: (verb, option) => {
        seenOptions.push(`${verbs[verb] ?? verb} ${option}`);
        if (verb === 251 && option === 37 && options.isSilent !== true) {
          socket.write(opening);
          connection.suboption(1, known);
        }
        if (verb === 251 && option === 44) {
          socket.write(Buffer.from([255, 254, 44]));
        }
      },
      onSuboption: (code, bytes) => {
        suboptions.push({ code, bytes });
        if (!standIn.answer(connection, { code, bytes })) {
          usualAnswer(connection, code, bytes);
        }
      },
    });
    socket.on("data", (chunk: Buffer) => {
      onByte(chunk);
      news();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      isClosed = true;
      news();
    });
    connections.push(connection);
    news();
  }

  const server: Server = options.tls ? createTlsServer(options.tls, take) : createServer(take);
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const standIn: StandIn = {
    port: (server.address() as AddressInfo).port,
    connections,
    connection: async (count) => {
      await until(
        () => connections.length >= count,
        () => `${connections.length} connections`,
      );
      return connections[count - 1]!;
    },
    answer: () => false,
    close: closedAtTheEnd(async () => {
      const closed = once(server, "close");
      server.close();
      connections.forEach(({ socket }) => socket.destroy());
      await closed;
    }),
  };
  return standIn;
}

function usualAnswer(connection: StandInConnection, code: number, bytes: Buffer): void {
  switch (code) {
    case 40:
      connection.suboption(41, Buffer.concat([bytes, vmotionSecret]));
      break;
    case 44:
      if (bytes.subarray(4).equals(vmotionSecret)) {
        connection.suboption(45, bytes.subarray(0, 4));
      } else {
        connection.suboption(3, Buffer.of(44));
      }
      break;
    case 70:
      connection.suboption(71);
      connection.suboption(81);
      connection.suboption(83);
      connection.suboption(85);
      break;
  }
}

function doubled(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replaceAll("\xff", "\xff\xff"), "latin1");
}

interface Parsed {
  readonly onData: (bytes: Buffer) => void;
  readonly onOption: (verb: number, option: number) => void;
  readonly onSuboption: (code: number, bytes: Buffer) => void;
}

/** Looks at all that has come and is not understood yet: slow, and easy to see through. */
function createParser({ onData, onOption, onSuboption }: Parsed): (chunk: Buffer) => void {
  let rest = "";
  return (chunk) => {
    rest += chunk.toString("latin1");
    for (;;) {
      const [taken = ""] =
        /^(?:[^\xff]+|\xff\xff|\xff[\xfb-\xfe][^]|\xff\xfa(?:[^\xff]|\xff\xff)*\xff\xf0|\xff[^\xfa-\xff])/.exec(rest) ??
        [];
      if (taken === "") {
        return;
      }
      rest = rest.slice(taken.length);
      const bytes = Buffer.from(taken, "latin1");
      if (bytes[0] !== 255) {
        onData(bytes);
      } else if (bytes[1] === 255) {
        onData(bytes.subarray(1));
      } else if (bytes[1] === 250) {
        const inner = Buffer.from(taken.slice(3, -2).replaceAll("\xff\xff", "\xff"), "latin1");
        onSuboption(inner[0] ?? -1, inner.subarray(1));
      } else if (bytes.length === 3) {
        onOption(bytes[1]!, bytes[2]!);
      }
    }
  };
}
