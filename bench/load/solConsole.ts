/** A remote console of Serial over LAN that costs little, on the tests' independent packet builder (IPMI 2.0 chapter 15). */
import { SessionConsole } from "./console.js";
import type { Target } from "./messages.js";

const app = 0x06;
const sol = 0x01;
/** What `guestProcess` prints behind a flood. */
export const floodEnd = "\x04";
/** For the acknowledgement of what was typed, ms. */
const retryMs = 100;

/** What makes the guest print so many bytes. */
export function floodOf(bytes: number): string {
  return `flood ${bytes}\r`;
}

export class SolConsole {
  /** Bytes shown. */
  output = 0;
  #lastSequence = 0;
  #lastLength = 0;
  #sequence = 0;
  #unacknowledged: Buffer | undefined;
  #wanted: { readonly text: string; readonly found: () => void } | undefined;

  private constructor(
    private readonly session: SessionConsole,
    private readonly loss: number,
  ) {}

  static async open(target: Target, loss: number): Promise<SolConsole> {
    const session = await SessionConsole.open(target);
    await session.request(app, 0x49, [sol, 1, 0, 0, 0, 0]).catch(() => undefined);
    await session.request(app, 0x48, [sol, 1, 0xc6, 0, 0, 0]);
    const console = new SolConsole(session, loss);
    session.console.listen((datagram) => console.#receive(datagram));
    return console;
  }

  type(text: string): void {
    this.#sequence = (this.#sequence % 15) + 1;
    this.#unacknowledged = Buffer.from([this.#sequence, 0, 0, 0, ...Buffer.from(text, "latin1")]);
    this.#sendUnacknowledged();
  }

  /** Resolves when the text is in a packet that comes from now on. */
  shows(text: string): Promise<void> {
    return new Promise((found) => {
      this.#wanted = { text, found };
    });
  }

  async close(): Promise<void> {
    this.#unacknowledged = undefined;
    await this.session.close();
  }

  #sendUnacknowledged(): void {
    if (this.#unacknowledged) {
      const sent = this.#unacknowledged;
      this.#send(sent);
      setTimeout(() => this.#unacknowledged === sent && this.#sendUnacknowledged(), retryMs);
    }
  }

  #send(payload: Buffer): void {
    if (this.loss === 0 || Math.random() >= this.loss) {
      this.session.console.send(this.session.sealPayload(sol, payload));
    }
  }

  #receive(datagram: Buffer): void {
    if ((datagram[5]! & 0x3f) !== sol || (this.loss > 0 && Math.random() < this.loss)) {
      return;
    }
    const { message } = this.session.open(datagram);
    const [sequence = 0, acked] = message;
    if (acked === this.#sequence) {
      this.#unacknowledged = undefined;
    }
    if (sequence !== 0) {
      this.#show(sequence, message.subarray(4));
    }
  }

  #show(sequence: number, characters: Buffer): void {
    // A retry of ipmi_sim has more characters than its packet had before.
    const known = sequence === this.#lastSequence ? this.#lastLength : 0;
    const shown = characters.subarray(Math.min(known, characters.length));
    this.#lastSequence = sequence;
    this.#lastLength = characters.length;
    this.output += shown.length;
    this.#send(Buffer.from([0, sequence, characters.length & 0xff, 0]));
    if (this.#wanted && shown.includes(this.#wanted.text)) {
      const { found } = this.#wanted;
      this.#wanted = undefined;
      found();
    }
  }
}
