/** Addresses of host names, looked up a few at a time and cached. */
import { createLimiter } from "../../base/async/limiter.js";
import { settledWithin } from "../../base/async/within.js";
import { resolveAddress } from "../../io/address/resolve.js";
import { readAddress } from "../../io/address/spelling.js";

/**
 * Each look-up at a name server that does not answer blocks one of Node's four threads, which also do disk I/O, for
 * seconds.
 */
const lookupsAtOnce = 2;
const lookupTimeoutMs = 10_000;
/** How long an address is cached, ms. */
const keptMs = 10_000;

/** The addresses of host names, as far as they can be resolved in a short time. */
export interface HostNames {
  /**
   * Never rejects.
   * @param addresses in any spelling; IP addresses are skipped
   * @returns name → address, for those resolved within `timeoutMs`
   */
  readonly resolve: (addresses: Iterable<string>, timeoutMs: number) => Promise<ReadonlyMap<string, string>>;
}

export function createHostNames(): HostNames {
  const limiter = createLimiter(lookupsAtOnce);
  const lookups = new Map<string, Promise<void>>();
  const known = new Map<string, { readonly address: string; readonly at: number }>();
  const isKnown = (name: string): boolean => performance.now() - (known.get(name)?.at ?? -Infinity) < keptMs;

  async function ask(name: string): Promise<void> {
    try {
      known.set(name, { address: await resolveAddress(name, lookupTimeoutMs), at: performance.now() });
    } catch {
      // Reported when the BMC starts.
      known.delete(name);
    } finally {
      lookups.delete(name);
    }
  }

  function lookUp(name: string): Promise<void> {
    const lookup = lookups.get(name) ?? limiter.run(() => ask(name));
    lookups.set(name, lookup);
    return lookup;
  }

  return {
    resolve: async (addresses, timeoutMs) => {
      const names = new Set([...addresses].flatMap((text) => nameIn(text) ?? []));
      if (names.size === 0) {
        return new Map();
      }
      const unknown = [...names].filter((name) => !isKnown(name));
      await settledWithin(Promise.all(unknown.map(lookUp)), timeoutMs);
      return new Map([...names].filter(isKnown).map((name) => [name, known.get(name)?.address ?? name]));
    },
  };
}

function nameIn(text: string): string | undefined {
  const read = readAddress(text);
  return read?.kind === "name" ? read.name : undefined;
}
