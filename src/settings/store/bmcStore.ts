/** The store of BMCs in config_dir. */
import path from "node:path";

import { createKeyedQueue } from "../../base/async/serialQueue.js";
import { isErrno } from "../../base/errors.js";
import { createFolder, removeFolder, replaceFile } from "../../io/files/atomicWrite.js";
import { ensureFolder } from "../../io/files/ensureFolder.js";
import { writingFault } from "../../io/files/writingFault.js";
import { IniError } from "../ini/dialect.js";
import { formatIni, type IniSection } from "../ini/iniFile.js";
import { configFileName, type FolderContent } from "./bmcFolder.js";
import { keyOrder, type StoredKey } from "./bmcKeys.js";
import { clearLeftovers } from "./leftovers.js";
import { folderOf } from "./name.js";
import { sectionName, type StoredBmc, toStoredBmc } from "./storedBmc.js";
import { StoreError, toStoreError } from "./storeError.js";
import { createStoreReader, type StoreReader } from "./storeReader.js";

/** The new value of a key; undefined removes it. */
export type StoredChanges = Readonly<Partial<Record<StoredKey, string | undefined>>>;
/** Unknown keys. */
export type OtherValues = Readonly<Record<string, string>>;

/**
 * The BMCs in config_dir, one folder each. Users may edit the files at any time, so each read goes to the disk.
 * All errors are StoreErrors. Changes to one BMC are serialised.
 */
export interface BmcStore extends Pick<StoreReader, "list" | "read" | "namesFor"> {
  readonly configDir: string;
  /**
   * Creates config_dir if it is missing, and finishes or removes what a killed daemon left behind.
   * @throws StoreError if config_dir itself cannot be created or read; problems in it only cause warnings
   */
  readonly prepare: () => void;
  /** The folder of a BMC. */
  readonly folder: (name: string) => string;
  /** Why a BMC's folder is not writable now, in one line with its path; undefined if it is writable. */
  readonly keepingFault: (name: string) => string | undefined;
  /** Writes a new BMC. */
  readonly add: (name: string, values: StoredChanges, others?: OtherValues) => Promise<StoredBmc>;
  /** Changes keys of a BMC; all others stay, unknown ones included. Writes nothing when nothing changes. */
  readonly update: (name: string, changes: StoredChanges) => Promise<StoredBmc>;
  /** Removes a BMC and everything in its folder. */
  readonly delete: (name: string) => Promise<void>;
}

/**
 * @param onWarning gets one line per corrected or skipped entry, once per version of a file
 * @param exclude why a BMC does not belong to this store, one line; undefined if it does
 */
export function createBmcStore(
  configDir: string,
  onWarning: (message: string) => void,
  exclude: (name: string) => string | undefined = () => undefined,
): BmcStore {
  const changes = createKeyedQueue();
  const { folders, list, read, namesFor } = createStoreReader(configDir, onWarning, exclude);
  const folder = (name: string): string => folderOf(configDir, name);

  return {
    configDir,
    prepare: () => {
      try {
        ensureFolder(configDir);
      } catch (error) {
        throw toStoreError(error, configDir);
      }
      const inside = [...folders()].map((name) => path.join(configDir, name));
      for (const each of [configDir, ...inside]) {
        clearLeftovers(each, onWarning);
      }
    },
    list,
    read,
    namesFor,
    folder,
    keepingFault: (name) => writingFault(folder(name)),
    add: async (name, values, others = {}) => {
      const target = folder(name);
      const fault = exclude(name);
      if (fault !== undefined) {
        throw new StoreError("invalidName", fault);
      }
      return changes.run(name, () => create(target, name, merge(new Map(Object.entries(others)), values)));
    },
    update: async (name, changed) => {
      const target = folder(name);
      return changes.run(name, () => change(target, existing(read(name), target), changed));
    },
    delete: async (name) => {
      const target = folder(name);
      await changes.run(name, async () => {
        if (read(name) === undefined) {
          throw new StoreError("notFound", `${target} holds no BMC`);
        }
        await removeFolder(target).catch((error: unknown) => {
          throw toStoreError(error, target);
        });
      });
    },
  };
}

async function create(folder: string, name: string, values: IniSection): Promise<StoredBmc> {
  const bmc = toStoredBmc(name, values);
  try {
    await createFolder(folder, configFileName, format(values));
  } catch (error) {
    // The original's text, which scripts match.
    if (isErrno(error, "EEXIST", "ENOTEMPTY", "ENOTDIR")) {
      throw new StoreError("exists", `[Errno 17] File exists: '${folder}'`);
    }
    throw toStoreError(error, path.join(folder, configFileName));
  }
  return bmc;
}

async function change(folder: string, bmc: StoredBmc, changes: StoredChanges): Promise<StoredBmc> {
  const file = path.join(folder, configFileName);
  const merged = merge(bmc.values, changes);
  // In whatever order the user wrote them: a file that cannot be written need not be.
  if (merged.size === bmc.values.size && [...merged].every(([key, value]) => bmc.values.get(key) === value)) {
    return bmc;
  }
  const changed = toStoredBmc(bmc.name, merged);
  await replaceFile(file, format(merged)).catch((error: unknown) => {
    throw toStoreError(error, file);
  });
  return changed;
}

function existing(content: FolderContent, folder: string): StoredBmc {
  if (content === undefined) {
    throw new StoreError("notFound", `${folder} holds no BMC`);
  }
  if ("fault" in content) {
    throw new StoreError("broken", content.fault);
  }
  return content.bmc;
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
