import { createLimiter } from "../../base/async/limiter.js";
import { settledWithin } from "../../base/async/within.js";
import { resolveAddress } from "../../io/address/resolve.js";
import { readAddress } from "../../io/address/spelling.js";

/** Each name server that does not answer keeps one of Node's four threads, which also serve the disk, for seconds. */
const lookupsAtOnce = 2;
const lookupBoundMs = 10_000;
/** How long a name keeps its address here, ms. */
const keptMs = 10_000;

/** The addresses of host names, as far as they are known within a short time. */
export interface HostNames {
  /**
   * Never rejects.
   * @param addresses in any spelling; those that are no names are passed over
   * @returns name → address, of those that answered within `timeoutMs`
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
      known.set(name, { address: await resolveAddress(name, lookupBoundMs), at: performance.now() });
    } catch {
      // The start of the BMC tells.
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
