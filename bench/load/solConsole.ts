/** A remote console of Serial over LAN that costs little, on the tests' independent packet builder (IPMI 2.0 chapter 15). */
import { SessionConsole } from "./console.js";
import type { Target } from "./messages.js";

const app = 0x06;
const sol = 0x01;
/** What `guestProcess` prints behind a flood. */
export const floodEnd = "\x04";
/** For the acknowledgement of what was typed, ms. */
const retryMs = 100;

/** By port: the last number that a console used there. */
const lastTyped = new Map<number, number>();
/** Beyond any of the bench's floods, ms: a console that loses its command must not hang the bench. */
const showTimeoutMs = 120_000;

/** What makes the guest print so many bytes. */
export function floodOf(bytes: number): string {
  return `flood ${bytes}\r`;
}

export interface SolConsole {
  /** Bytes shown. */
  readonly output: () => number;
  readonly type: (text: string) => void;
  /** Resolves when the text is in a packet that comes from now on; rejects after two minutes. */
  readonly shows: (text: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @param loss share of the SOL datagrams that are lost, in either direction */
export async function openSolConsole(target: Target, loss: number): Promise<SolConsole> {
  const session = await SessionConsole.open(target);
  await session.request(app, 0x49, [sol, 1, 0, 0, 0, 0]).catch(() => undefined);
  await session.request(app, 0x48, [sol, 1, 0xc6, 0, 0, 0]);
  let output = 0;
  let last = { sequence: 0, length: 0 };
  // ipmi_sim takes the first packet of a console for a retry if it has the last number of the console before.
  let typedSequence = lastTyped.get(target.port) ?? 0;
  let unacknowledged: Buffer | undefined;
  let wanted: { readonly text: string; readonly found: () => void } | undefined;

  function send(payload: Buffer): void {
    if (loss === 0 || Math.random() >= loss) {
      session.console.send(session.sealPayload(sol, payload));
    }
  }

  function sendUnacknowledged(): void {
    if (unacknowledged) {
      const sent = unacknowledged;
      send(sent);
      setTimeout(() => unacknowledged === sent && sendUnacknowledged(), retryMs);
    }
  }

  function show(sequence: number, characters: Buffer): void {
    // A retry of ipmi_sim has more characters than its packet had before.
    const known = sequence === last.sequence ? last.length : 0;
    const shown = characters.subarray(Math.min(known, characters.length));
    last = { sequence, length: characters.length };
    output += shown.length;
    send(Buffer.from([0, sequence, characters.length & 0xff, 0]));
    if (wanted && shown.includes(wanted.text)) {
      wanted.found();
      wanted = undefined;
    }
  }

  session.console.listen((datagram) => {
    if ((datagram[5]! & 0x3f) !== sol || (loss > 0 && Math.random() < loss)) {
      return;
    }
    const { message } = session.open(datagram);
    const [sequence = 0, acked] = message;
    if (acked === typedSequence) {
      unacknowledged = undefined;
    }
    if (sequence !== 0) {
      show(sequence, message.subarray(4));
    }
  });

  return {
    output: () => output,
    type: (text) => {
      typedSequence = (typedSequence % 15) + 1;
      lastTyped.set(target.port, typedSequence);
      unacknowledged = Buffer.from([typedSequence, 0, 0, 0, ...Buffer.from(text, "latin1")]);
      sendUnacknowledged();
    },
    shows: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${output} bytes came, and not the end`)), showTimeoutMs);
        const found = (): void => {
          clearTimeout(timer);
          resolve();
        };
        wanted = { text, found };
      }),
    close: async () => {
      unacknowledged = undefined;
      await session.close();
    },
  };
}
