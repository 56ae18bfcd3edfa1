import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../io/log/log.js";
import type { Config } from "../../settings/config/config.js";
import type { BmcStore } from "../../settings/store/bmcStore.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import { defaultFakemac, type DesiredBmc, isKeptElsewhere, toDesiredBmc } from "./desiredBmc.js";
import { hasDefaultAccount } from "./securityWarnings.js";

interface ComposedBmc {
  readonly bmc: StoredBmc;
  readonly desired: DesiredBmc;
}

/** Makes of the files what should run; an unchanged file costs no work. */
export class FleetComposer {
  #composed: ReadonlyMap<string, ComposedBmc> = new Map();

  constructor(
    private readonly store: BmcStore,
    private readonly version: string,
    private readonly log: Log,
  ) {}

  /**
   * The active BMCs by name, without those that are held.
   * @throws StoreError when config_dir cannot be read
   */
  compose(config: Config, held: ReadonlySet<string>): ReadonlyMap<string, DesiredBmc> {
    const composed = new Map<string, ComposedBmc>();
    for (const [name, entry] of this.store.list()) {
      if ("bmc" in entry && entry.bmc.active && !held.has(name)) {
        composed.set(name, this.#composeOne(entry.bmc, config));
      }
    }
    this.#composed = composed;
    return new Map([...composed].map(([name, { desired }]) => [name, desired]));
  }

  /** Composes all anew the next time. */
  forget(): void {
    this.#composed = new Map();
  }

  #composeOne(bmc: StoredBmc, config: Config): ComposedBmc {
    const earlier = this.#composed.get(bmc.name);
    const isSame = earlier?.bmc === bmc;
    // A password that is kept elsewhere may be there now, or be another one.
    if (isSame && !isKeptElsewhere(bmc.viserverPassword ?? "")) {
      return earlier;
    }
    if (bmc.fakemac === undefined && !isSame) {
      this.#writeFakemac(bmc);
    }
    if (hasDefaultAccount(bmc) && !isSame) {
      const text = "others can reach this BMC with the default user name and password: give it its own";
      this.log.warn({ vm: bmc.name, address: bmc.address }, text);
    }
    return { bmc, desired: toDesiredBmc(bmc, this.store.folder(bmc.name), config, this.version) };
  }

  /** Files of older versions have none. */
  #writeFakemac({ name, vmName }: StoredBmc): void {
    this.store.update(name, { fakemac: defaultFakemac(vmName) }).catch((error: unknown) => {
      const reason = reasonOf(error);
      this.log.warn({ vm: name, reason }, "the fake MAC address is not written: it is made of the name at each start");
    });
  }
}
