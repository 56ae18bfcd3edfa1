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
export class HostNames {
  readonly #limiter = createLimiter(lookupsAtOnce);
  readonly #lookups = new Map<string, Promise<void>>();
  readonly #known = new Map<string, { readonly address: string; readonly at: number }>();

  /**
   * Never rejects.
   * @param addresses in any spelling; those that are no names are passed over
   * @returns name → address, of those that answered within `boundMs`
   */
  async resolve(addresses: Iterable<string>, boundMs: number): Promise<ReadonlyMap<string, string>> {
    const names = new Set([...addresses].flatMap((text) => nameIn(text) ?? []));
    if (names.size === 0) {
      return new Map();
    }
    const isKnown = (name: string): boolean => Date.now() - (this.#known.get(name)?.at ?? -Infinity) < keptMs;
    const lookups = [...names].filter((name) => !isKnown(name)).map((name) => this.#lookUp(name));
    await settledWithin(Promise.all(lookups), boundMs);
    return new Map([...names].filter(isKnown).map((name) => [name, this.#known.get(name)?.address ?? name]));
  }

  #lookUp(name: string): Promise<void> {
    const lookup = this.#lookups.get(name) ?? this.#limiter.run(() => this.#ask(name));
    this.#lookups.set(name, lookup);
    return lookup;
  }

  async #ask(name: string): Promise<void> {
    try {
      this.#known.set(name, { address: await resolveAddress(name, lookupBoundMs), at: Date.now() });
    } catch {
      // The start of the BMC tells.
      this.#known.delete(name);
    } finally {
      this.#lookups.delete(name);
    }
  }
}

function nameIn(text: string): string | undefined {
  const read = readAddress(text);
  return read?.kind === "name" ? read.name : undefined;
}
