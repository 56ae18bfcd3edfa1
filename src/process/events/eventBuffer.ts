/** The latest events, in memory, for `vbmc events`. */
import { randomBytes } from "node:crypto";

import { createWaits } from "../../base/async/waitUntil.js";
import { createListeners } from "../../base/listeners.js";

/** An event for `vbmc events`; never contains a secret. */
export interface DaemonEvent {
  readonly kind: "command" | "login" | "bmc" | "vm" | "vcenter" | "daemon" | "sel" | "console";
  /** The BMC or vCenter; empty for the daemon itself. */
  readonly name: string;
  /** Address and user name of the client. */
  readonly source?: string;
  readonly user?: string;
  readonly text: string;
  /** ms since the epoch; for repeated events, of the last one. Absent: now. */
  readonly at?: number;
}

export interface RecordedEvent extends DaemonEvent {
  readonly at: number;
  readonly times: number;
}

export interface EventPage {
  readonly events: readonly RecordedEvent[];
  /** Send it with the next request to get later events. */
  readonly cursor: string;
  /** ms: events in between are only in the SELs; undefined if nothing is missing. */
  readonly missing: { readonly after: number; readonly before: number } | undefined;
}

interface Entry extends RecordedEvent {
  readonly sequence: number;
}

/**
 * Repeats within this window increase a counter instead of adding entries, so a password attack cannot evict other
 * events, ms.
 */
const sameWithinMs = 60_000;
const sameWithinEvents = 50;

/** The latest events, in memory: earlier ones are in the SELs and the log. */
export interface EventBuffer {
  readonly add: (event: DaemonEvent) => void;
  /** Returns the function that unsubscribes. */
  readonly onAdded: (listener: (event: RecordedEvent) => void) => () => void;
  /**
   * All events after the cursor, oldest first; without one all that are buffered. Only the time of an earlier daemon's
   * cursor is used.
   * @param names only of these BMCs or vCenters; empty for all
   */
  readonly read: (names: readonly string[], after?: string) => EventPage;
  /** Like read, but waits up to `waitMs` for the first event. */
  readonly readNext: (names: readonly string[], after: string | undefined, waitMs: number) => Promise<EventPage>;
}

export function createEventBuffer(capacity = 1_000, now: () => number = Date.now): EventBuffer {
  const entries: Entry[] = [];
  let lastSequence = 0;
  /** Since when the entries are complete, ms. */
  let since = now();
  /** Distinguishes the cursors of this daemon from those of an earlier one. */
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
