/** What the server keeps for a watch: a PropertyCollector with its filters. With the session it was made in, it goes. */
import { fromSoap, type MoRef } from "./moRef.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";
import { SessionChanged, VimTransportError } from "./vimErrors.js";
import { createWatchFilters } from "./watchFilters.js";

export interface Collector {
  readonly reference: MoRef;
  readonly generation: symbol;
}

export interface WatchCollector {
  readonly current: () => Collector | undefined;
  /**
   * Makes the collector, if there is none in this session, and brings its filters in line with these VMs. Resolves with
   * whether some were added to those that were watched already.
   */
  readonly cover: (machines: readonly MoRef[]) => Promise<boolean>;
  readonly hasFilters: () => boolean;
  /** Waits for updates, `maxWaitSeconds` at most. Throws SessionChanged when what it waited for is gone. */
  readonly wait: (limits: WaitLimits) => Promise<readonly unknown[]>;
  /** Recreates everything at the next `cover`. */
  readonly drop: () => void;
  /** As drop; the server forgets it as well. Never rejects. */
  readonly destroy: () => Promise<void>;
}

export interface WaitLimits {
  readonly maxWaitSeconds: number;
  /** Objects an answer. */
  readonly maxObjectUpdates: number;
  /** An answer takes no longer, ms. */
  readonly timeoutMs: number;
  /** Minimum time for an answer without updates, ms. */
  readonly minMs: number;
}

/**
 * @param onMade a collector has been made, of which nothing is known
 * @param onDropped it is no longer used
 */
export function createWatchCollector(
  session: VimSession,
  { onMade, onDropped }: { readonly onMade: () => void; readonly onDropped: () => void },
): WatchCollector {
  let collector: Collector | undefined;
  const filters = createWatchFilters(session);
  /** What the filters are over. */
  let covered: readonly MoRef[] | undefined;
  let version = "";

  async function ensure(): Promise<MoRef> {
    if (collector?.generation !== session.generation()) {
      const reference = fromSoap(await session.call("CreatePropertyCollector", session.content.propertyCollector));
      if (!reference) {
        throw new VimTransportError("badResponse", "vCenter made no property collector");
      }
      collector = { reference, generation: session.generation() };
      filters.forget();
      covered = undefined;
      version = "";
      onMade();
    }
    return collector.reference;
  }

  function drop(): void {
    collector = undefined;
    onDropped();
  }

  return {
    current: () => collector,
    cover: async (machines) => {
      const at = await ensure();
      if (covered === machines) {
        return false;
      }
      const hadFilters = await filters.cover(at, machines);
      covered = machines;
      if (hadFilters) {
        // Servers differ in whether a wait that is under way sees a new filter.
        await session.call("CancelWaitForUpdates", at).catch(() => undefined);
      }
      return hadFilters;
    },
    hasFilters: () => collector !== undefined && filters.count() > 0,
    wait: async ({ maxWaitSeconds, maxObjectUpdates, timeoutMs, minMs }) => {
      if (!collector) {
        throw new SessionChanged();
      }
      const { reference, generation } = collector;
      const startedAt = Date.now();
      const args = { version, options: { maxWaitSeconds, maxObjectUpdates } };
      const updates = await session.call("WaitForUpdatesEx", reference, args, { timeoutMs, within: generation });
      if (generation !== session.generation()) {
        throw new SessionChanged();
      }
      if (updates === undefined && Date.now() - startedAt < minMs) {
        await new Promise((resolve) => setTimeout(resolve, minMs));
      }
      version = textOf(fieldOf(updates, "version")) ?? version;
      return listOf(fieldOf(updates, "filterSet")).flatMap((filter) => listOf(fieldOf(filter, "objectSet")));
    },
    drop,
    destroy: async () => {
      const former = collector?.reference;
      drop();
      if (former) {
        await session.call("DestroyPropertyCollector", former).catch(() => undefined);
      }
    },
  };
}
