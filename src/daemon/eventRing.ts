import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";

/** Something that happened, for `vbmc events`; never a secret. */
export interface DaemonEvent {
  readonly kind: "command" | "login" | "bmc" | "vm" | "vcenter" | "daemon";
  /** The BMC or vCenter that it is about; empty for the daemon itself. */
  readonly name: string;
  /** Address and user name of whoever did it. */
  readonly source?: string;
  readonly user?: string;
  readonly text: string;
}

export interface RecordedEvent extends DaemonEvent {
  /** ms since the epoch; of the last time when it happened several times. */
  readonly at: number;
  readonly times: number;
}

export interface EventPage {
  readonly events: readonly RecordedEvent[];
  /** Goes into the next request, to get what comes after these. */
  readonly cursor: string;
}

interface Entry extends RecordedEvent {
  readonly sequence: number;
}

/** The same event again within this time is counted, not listed anew: whoever guesses passwords must not push all else out, ms. */
const sameWithinMs = 60_000;
const sameWithinEvents = 50;

/** The last events, in memory: the log is the record that stays. */
export class EventRing {
  #entries: Entry[] = [];
  #lastSequence = 0;
  /** Tells cursors of this daemon from those of the one before. */
  readonly #epoch = randomBytes(4).toString("hex");
  readonly #news = new EventEmitter<{ news: [] }>().setMaxListeners(0);

  constructor(
    private readonly capacity = 1_000,
    private readonly now: () => number = Date.now,
  ) {}

  add(event: DaemonEvent): void {
    const at = this.now();
    const same = this.#entries.slice(-sameWithinEvents).find((each) => isSame(each, event, at));
    if (same !== undefined) this.#entries.splice(this.#entries.indexOf(same), 1);
    this.#entries.push({ ...event, at, times: (same?.times ?? 0) + 1, sequence: ++this.#lastSequence });
    if (this.#entries.length > this.capacity) this.#entries.shift();
    this.#news.emit("news");
  }

  /**
   * All events that came after the cursor, the oldest first; without one, or with another daemon's, all that are kept.
   * @param names of these BMCs or vCenters alone; empty for all
   */
  read(names: readonly string[], after?: string): EventPage {
    const [epoch, sequence] = after?.split("-") ?? [];
    const start = epoch === this.#epoch ? Number(sequence) : 0;
    const events = this.#entries.filter(
      (each) => each.sequence > start && (names.length === 0 || names.includes(each.name)),
    );
    return { events, cursor: `${this.#epoch}-${this.#lastSequence}` };
  }

  /** As read, but waits for the first event, `waitMs` at most. */
  async readNext(names: readonly string[], after: string | undefined, waitMs: number): Promise<EventPage> {
    const page = this.read(names, after);
    if (page.events.length > 0 || waitMs <= 0) return page;
    return new Promise((resolve) => {
      const finish = (last: EventPage): void => {
        clearTimeout(bound);
        this.#news.off("news", look);
        resolve(last);
      };
      const look = (): void => {
        const next = this.read(names, after);
        if (next.events.length > 0) finish(next);
      };
      const bound = setTimeout(() => {
        finish(this.read(names, after));
      }, waitMs);
      bound.unref();
      this.#news.on("news", look);
    });
  }
}

function isSame(earlier: Entry, event: DaemonEvent, now: number): boolean {
  return (
    now - earlier.at <= sameWithinMs &&
    earlier.kind === event.kind &&
    earlier.name === event.name &&
    earlier.source === event.source &&
    earlier.user === event.user &&
    earlier.text === event.text
  );
}
