/** Reads the BMCs in config_dir; a file that has not changed is parsed once. */
import { readdirSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import { type FolderContent, type FolderReading, readFolder } from "./bmcFolder.js";
import { nameFault, oddNameFault } from "./name.js";
import { toStoreError } from "./storeError.js";

/** A configured BMC: the content of its file, or why it is invalid. */
export type StoreEntry = Exclude<FolderContent, undefined>;

export interface StoreReader {
  /** Names of the folders that may contain a BMC. */
  readonly folders: () => Set<string>;
  /** All BMCs by name, in no particular order. */
  readonly list: () => ReadonlyMap<string, StoreEntry>;
  /** One BMC; undefined if there is none with that name. */
  readonly read: (name: string) => FolderContent;
  /** Names of the BMCs with this `vm_name`, as they were last read: does not go to the disk. */
  readonly namesFor: (vmName: string) => readonly string[];
}

/** Stands for what is read of a BMC that belongs to another store: looked at once, since its name decides that. */
const excluded = Symbol("excluded");

/**
 * @param onWarning gets one line per corrected or skipped entry, once per version of a file
 * @param exclude why a BMC does not belong to this store, one line; undefined if it does
 */
export function createStoreReader(
  configDir: string,
  onWarning: (message: string) => void,
  exclude: (name: string) => string | undefined,
): StoreReader {
  const readings = new Map<string, FolderReading | typeof excluded>();
  /** Names that have already caused a warning. */
  const oddNames = new Set<string>();

  function warnOfOddNames(names: ReadonlySet<string>): void {
    for (const name of names) {
      const fault = oddNames.has(name) ? undefined : oddNameFault(configDir, name);
      if (fault !== undefined) {
        oddNames.add(name);
        onWarning(`${path.join(configDir, name)} is skipped: ${fault}`);
      }
    }
  }

  function read(name: string): FolderContent {
    const earlier = readings.get(name);
    if (earlier === excluded || nameFault(name) !== undefined) {
      return undefined;
    }
    if (earlier === undefined && exclude(name) !== undefined) {
      readings.set(name, excluded);
      return undefined;
    }
    const reading = readFolder(path.join(configDir, name), earlier);
    if (reading !== earlier) {
      reading.warnings.forEach(onWarning);
    }
    readings.set(name, reading);
    return reading.content;
  }

  return {
    folders: () => foldersIn(configDir),
    list: () => {
      const names = foldersIn(configDir);
      warnOfOddNames(names);
      for (const name of readings.keys()) {
        if (!names.has(name)) {
          readings.delete(name);
        }
      }
      const entries = [...names].map((name) => [name, read(name)] as const);
      return new Map(entries.filter((entry): entry is [string, StoreEntry] => entry[1] !== undefined));
    },
    read,
    namesFor: (vmName) =>
      [...readings].flatMap(([name, reading]) => {
        const content = reading === excluded ? undefined : reading.content;
        return content && "bmc" in content && content.bmc.vmName === vmName ? [name] : [];
      }),
  };
}

function foldersIn(configDir: string): Set<string> {
  try {
    const entries = readdirSync(configDir, { withFileTypes: true });
    return new Set(entries.filter((entry) => !entry.isFile() && !entry.name.startsWith(".")).map(({ name }) => name));
  } catch (error) {
    if (isErrno(error, "ENOENT")) {
      return new Set();
    }
    throw toStoreError(error, configDir);
  }
}
