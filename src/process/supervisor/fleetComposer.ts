/** Determines from the files which BMCs should run. */
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

/** Determines from the files which BMCs should run; an unchanged file costs nothing. */
export interface FleetComposer {
  /**
   * The active BMCs by name, except those on hold.
   * @throws StoreError if config_dir cannot be read
   */
  readonly compose: (config: Config, held: ReadonlySet<string>) => ReadonlyMap<string, DesiredBmc>;
  /** Reads everything again the next time. */
  readonly forget: () => void;
}

export function createFleetComposer(store: BmcStore, version: string, log: Log): FleetComposer {
  let composed: ReadonlyMap<string, ComposedBmc> = new Map();

  function composeOne(bmc: StoredBmc, config: Config): ComposedBmc {
    const earlier = composed.get(bmc.name);
    const isSame = earlier?.bmc === bmc;
    // A password in a file of its own may have appeared or changed.
    if (isSame && !isKeptElsewhere(bmc.viserverPassword ?? "")) {
      return earlier;
    }
    if (bmc.fakemac === undefined && !isSame) {
      writeFakemac(store, bmc, log);
    }
    if (hasDefaultAccount(bmc) && !isSame) {
      const text = "others can reach this BMC with the default user name and password: give it its own";
      log.warn({ vm: bmc.name, address: bmc.address }, text);
    }
    return { bmc, desired: toDesiredBmc(bmc, store.folder(bmc.name), config, version) };
  }

  return {
    compose: (config, held) => {
      const next = new Map<string, ComposedBmc>();
      for (const [name, entry] of store.list()) {
        if ("bmc" in entry && entry.bmc.active && !held.has(name)) {
          next.set(name, composeOne(entry.bmc, config));
        }
      }
      composed = next;
      return new Map([...next].map(([name, { desired }]) => [name, desired]));
    },
    forget: () => (composed = new Map()),
  };
}

/** Files of older versions have none. */
function writeFakemac(store: BmcStore, { name, vmName }: StoredBmc, log: Log): void {
  store.update(name, { fakemac: defaultFakemac(vmName) }).catch((error: unknown) => {
    const reason = reasonOf(error);
    log.warn({ vm: name, reason }, "the fake MAC address cannot be stored: it is derived from the name at each start");
  });
}
