import { accessSync, constants, readdirSync, statfsSync } from "node:fs";
import path from "node:path";

import { createKeyedQueue } from "../../base/async/serialQueue.js";
import { isErrno } from "../../base/errors.js";
import { createFolder, removeFolder, replaceFile } from "../../io/files/atomicWrite.js";
import { ensureFolder } from "../../io/files/ensureFolder.js";
import { fileFault } from "../../io/files/errno.js";
import { IniError } from "../ini/dialect.js";
import { formatIni, type IniSection } from "../ini/iniFile.js";
import { configFileName, type FolderContent, type FolderReading, readFolder } from "./bmcFolder.js";
import { keyOrder, type StoredKey } from "./bmcKeys.js";
import { clearLeftovers } from "./leftovers.js";
import { folderOf, nameFault, oddNameFault } from "./name.js";
import { sectionName, type StoredBmc, toStoredBmc } from "./storedBmc.js";
import { StoreError, toStoreError } from "./storeError.js";

/** The new value of a key; undefined removes it. */
export type StoredChanges = Readonly<Partial<Record<StoredKey, string | undefined>>>;
/** Unknown keys. */
export type OtherValues = Readonly<Record<string, string>>;

/** A configured BMC: the content of its file, or why it is invalid. */
export type StoreEntry = Exclude<FolderContent, undefined>;

/**
 * The BMCs in config_dir, one folder each. Users may edit the files at any time, so each read goes to the disk.
 * All errors are StoreErrors. Changes to one BMC are serialised.
 */
export class BmcStore {
  readonly #readings = new Map<string, FolderReading>();
  readonly #changes = createKeyedQueue();
  /** Names that have already caused a warning. */
  readonly #oddNames = new Set<string>();

  /**
   * @param onWarning gets one line per corrected or skipped entry, once per version of a file
   * @param exclude why a BMC does not belong to this store, one line; undefined if it does
   */
  constructor(
    readonly configDir: string,
    private readonly onWarning: (message: string) => void,
    private readonly exclude: (name: string) => string | undefined = () => undefined,
  ) {}

  /**
   * Creates config_dir if it is missing, and finishes or removes what a killed daemon left behind.
   * @throws StoreError if config_dir itself cannot be created or read; problems in it only cause warnings
   */
  prepare(): void {
    try {
      ensureFolder(this.configDir);
    } catch (error) {
      throw toStoreError(error, this.configDir);
    }
    const folders = [...this.#folders()].map((name) => path.join(this.configDir, name));
    for (const folder of [this.configDir, ...folders]) {
      clearLeftovers(folder, this.onWarning);
    }
  }

  /** All BMCs by name, in no particular order. */
  list(): ReadonlyMap<string, StoreEntry> {
    const names = this.#folders();
    this.#warnOfOddNames(names);
    for (const name of this.#readings.keys()) {
      if (!names.has(name)) {
        this.#readings.delete(name);
      }
    }
    const entries = [...names].map((name) => [name, this.read(name)] as const);
    return new Map(entries.filter((entry): entry is [string, StoreEntry] => entry[1] !== undefined));
  }

  /** One BMC; undefined if there is none with that name. */
  read(name: string): FolderContent {
    if (nameFault(name) !== undefined || this.exclude(name) !== undefined) {
      return undefined;
    }
    const earlier = this.#readings.get(name);
    const reading = readFolder(path.join(this.configDir, name), earlier);
    if (reading !== earlier) {
      for (const warning of reading.warnings) {
        this.onWarning(warning);
      }
    }
    this.#readings.set(name, reading);
    return reading.content;
  }

  /** The folder of a BMC. */
  folder(name: string): string {
    return folderOf(this.configDir, name);
  }

  /** Why a BMC's folder is not writable now, in one line with its path; undefined if it is writable. */
  keepingFault(name: string): string | undefined {
    const folder = this.folder(name);
    try {
      accessSync(folder, constants.W_OK);
      return statfsSync(folder).bavail === 0 ? `${folder}: no space left on device` : undefined;
    } catch (error) {
      return `${folder}: ${fileFault(error)}`;
    }
  }

  /** Writes a new BMC. */
  async add(name: string, values: StoredChanges, others: OtherValues = {}): Promise<StoredBmc> {
    const folder = this.folder(name);
    const fault = this.exclude(name);
    if (fault !== undefined) {
      throw new StoreError("invalidName", fault);
    }
    return this.#changes.run(name, async () => {
      const merged = merge(new Map(Object.entries(others)), values);
      const bmc = toStoredBmc(name, merged);
      try {
        await createFolder(folder, configFileName, format(merged));
      } catch (error) {
        // The original's text, which scripts match.
        if (isErrno(error, "EEXIST", "ENOTEMPTY", "ENOTDIR")) {
          throw new StoreError("exists", `[Errno 17] File exists: '${folder}'`);
        }
        throw toStoreError(error, path.join(folder, configFileName));
      }
      return bmc;
    });
  }

  /** Changes keys of a BMC; all others stay, unknown ones included. Writes nothing when nothing changes. */
  async update(name: string, changes: StoredChanges): Promise<StoredBmc> {
    const file = path.join(this.folder(name), configFileName);
    return this.#changes.run(name, async () => {
      const bmc = this.#existing(name);
      const merged = merge(bmc.values, changes);
      if (format(merged) === format(bmc.values)) {
        return bmc;
      }
      const changed = toStoredBmc(name, merged);
      await replaceFile(file, format(merged)).catch((error: unknown) => {
        throw toStoreError(error, file);
      });
      return changed;
    });
  }

  /** Removes a BMC and everything in its folder. */
  async delete(name: string): Promise<void> {
    const folder = this.folder(name);
    await this.#changes.run(name, async () => {
      if (this.read(name) === undefined) {
        throw new StoreError("notFound", `${folder} holds no BMC`);
      }
      await removeFolder(folder).catch((error: unknown) => {
        throw toStoreError(error, folder);
      });
    });
  }

  #existing(name: string): StoredBmc {
    const content = this.read(name);
    if (content === undefined) {
      throw new StoreError("notFound", `${this.folder(name)} holds no BMC`);
    }
    if ("fault" in content) {
      throw new StoreError("broken", content.fault);
    }
    return content.bmc;
  }

  /** Names of the folders that may contain a BMC. */
  #folders(): Set<string> {
    try {
      const entries = readdirSync(this.configDir, { withFileTypes: true });
      return new Set(entries.filter((entry) => !entry.isFile() && !entry.name.startsWith(".")).map(({ name }) => name));
    } catch (error) {
      if (isErrno(error, "ENOENT")) {
        return new Set();
      }
      throw toStoreError(error, this.configDir);
    }
  }

  #warnOfOddNames(names: ReadonlySet<string>): void {
    for (const name of names) {
      const fault = this.#oddNames.has(name) ? undefined : oddNameFault(this.configDir, name);
      if (fault === undefined) {
        continue;
      }
      this.#oddNames.add(name);
      this.onWarning(`${path.join(this.configDir, name)} is skipped: ${fault}`);
    }
  }
}

/** Known keys in their order, then the unknown ones in theirs. */
function merge(values: IniSection, changes: StoredChanges): IniSection {
  const merged = new Map<string, string>();
  for (const key of keyOrder) {
    const value = key in changes ? changes[key] : values.get(key);
    if (value !== undefined) {
      merged.set(key, value);
    }
  }
  for (const [key, value] of values) {
    if (!(keyOrder as readonly string[]).includes(key)) {
      merged.set(key, value);
    }
  }
  return merged;
}

function format(values: IniSection): string {
  try {
    return formatIni(sectionName, values);
  } catch (error) {
    if (error instanceof IniError) {
      throw new StoreError("invalidValue", error.message);
    }
    throw error;
  }
}
