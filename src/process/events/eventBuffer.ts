import { randomBytes } from "node:crypto";

import { createWaits } from "../../base/async/waitUntil.js";
import { createListeners } from "../../base/listeners.js";

/** Something that happened, for `vbmc events`; never a secret. */
export interface DaemonEvent {
  readonly kind: "command" | "login" | "bmc" | "vm" | "vcenter" | "daemon" | "sel" | "console";
  /** The BMC or vCenter that it is about; empty for the daemon itself. */
  readonly name: string;
  /** Address and user name of whoever did it. */
  readonly source?: string;
  readonly user?: string;
  readonly text: string;
  /** ms since the epoch; of the last time when it happened several times. Absent: now. */
  readonly at?: number;
}

export interface RecordedEvent extends DaemonEvent {
  readonly at: number;
  readonly times: number;
}

export interface EventPage {
  readonly events: readonly RecordedEvent[];
  /** Goes into the next request, to get what comes after these. */
  readonly cursor: string;
  /** ms: of the time between, the SELs tell, and not these events; undefined when nothing is missing. */
  readonly missing: { readonly after: number; readonly before: number } | undefined;
}

interface Entry extends RecordedEvent {
  readonly sequence: number;
}

/** The same event again within this time is counted, not listed anew: whoever guesses passwords must not push all else out, ms. */
const sameWithinMs = 60_000;
const sameWithinEvents = 50;

/** The last events, in memory: what was before them is in the SELs, and in the log. */
export interface EventBuffer {
  readonly add: (event: DaemonEvent) => void;
  /** Returns the function that unsubscribes. */
  readonly onAdded: (listener: (event: RecordedEvent) => void) => () => void;
  /**
   * All events that came after the cursor, the oldest first; without one all that are kept. Of a cursor of the daemon
   * before, only its time counts.
   * @param names of these BMCs or vCenters alone; empty for all
   */
  readonly read: (names: readonly string[], after?: string) => EventPage;
  /** As read, but waits for the first event, `waitMs` at most. */
  readonly readNext: (names: readonly string[], after: string | undefined, waitMs: number) => Promise<EventPage>;
}

export function createEventBuffer(capacity = 1_000, now: () => number = Date.now): EventBuffer {
  const entries: Entry[] = [];
  let lastSequence = 0;
  /** From when on all that happened is among the entries, ms. */
  let since = now();
  /** Tells cursors of this daemon from those of the one before. */
  const epoch = randomBytes(4).toString("hex");
  const waits = createWaits(true);
  const added = createListeners<RecordedEvent>();

  function read(names: readonly string[], after?: string): EventPage {
    const [cursorEpoch, sequence, time] = after?.split("-") ?? [];
    const isOwn = cursorEpoch === epoch;
    const start = isOwn ? Number(sequence) : 0;
    const events = entries.filter((each) => each.sequence > start && (names.length === 0 || names.includes(each.name)));
    const missing = { after: /^\d+$/.test(time ?? "") ? Number(time) : 0, before: since };
    return { events, cursor: `${epoch}-${lastSequence}-${now()}`, missing: isOwn ? undefined : missing };
  }

  return {
    add: (event) => {
      const at = event.at ?? now();
      const same = entries.slice(-sameWithinEvents).find((each) => isSame(each, event, at));
      if (same !== undefined) {
        entries.splice(entries.indexOf(same), 1);
      }
      const entry = { ...event, at, times: (same?.times ?? 0) + 1, sequence: ++lastSequence };
      entries.push(entry);
      if (entries.length > capacity) {
        entries.shift();
        since = entries[0]?.at ?? at;
      }
      waits.check();
      added.notify(entry);
    },
    onAdded: added.add,
    read,
    readNext: async (names, after, waitMs) => {
      const page = read(names, after);
      if (page.events.length > 0 || waitMs <= 0) {
        return page;
      }
      await waits.until(() => read(names, after).events.length > 0, waitMs);
      return read(names, after);
    },
  };
}

function isSame(earlier: Entry, event: DaemonEvent, now: number): boolean {
  return (
    event.kind !== "sel" &&
    now - earlier.at <= sameWithinMs &&
    earlier.kind === event.kind &&
    earlier.name === event.name &&
    earlier.source === event.source &&
    earlier.user === event.user &&
    earlier.text === event.text
  );
}
