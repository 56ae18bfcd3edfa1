/** Reads the file of one BMC, and parses it again only when it changes. */
import { type BigIntStats, chmodSync, existsSync, lstatSync, readlinkSync, statSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import { IniError } from "../ini/dialect.js";
import { parseIni } from "../ini/iniFile.js";
import { flagProblems } from "./bmcKeys.js";
import { sectionName, type StoredBmc, toStoredBmc } from "./storedBmc.js";
import { StoreError, toStoreError } from "./storeError.js";

export const configFileName = "config";

/** The content of a folder; undefined: no BMC, since there is no config file or it is another program's. */
export type FolderContent = { readonly bmc: StoredBmc } | { readonly fault: string } | undefined;

export interface FolderReading {
  /** Changes whenever the file does. */
  readonly version: string;
  readonly content: FolderContent;
  /** One line each, for the log. */
  readonly warnings: readonly string[];
}

/** Folders of the file system itself: not BMCs, although only their owner can read them. */
const fileSystemFolder = "lost+found";
/** Maximum size of a BMC's file, bytes. */
const maxConfigBytes = 1024 * 1024;

const absent: FolderReading = { version: "absent", content: undefined, warnings: [] };

/** Reads the folder again if its config file is not the one of the earlier reading. Never throws. */
export function readFolder(folder: string, earlier?: FolderReading): FolderReading {
  const file = path.join(folder, configFileName);
  try {
    const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) {
      const fault = brokenLink(folder, file);
      return fault === undefined ? absent : faulty(fault, earlier);
    }
    const version = `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
    if (earlier?.version === version) {
      return earlier;
    }
    return readConfig(folder, file, version, stats);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR") || path.basename(folder) === fileSystemFolder) {
      return absent;
    }
    return faulty(`${toStoreError(error, file).message}${isErrno(error, "EACCES") ? ownerHint(folder) : ""}`, earlier);
  }
}

/** The file cannot even be looked at: the fault stands for its version. */
function faulty(fault: string, earlier: FolderReading | undefined): FolderReading {
  return earlier?.version === fault ? earlier : { version: fault, content: { fault }, warnings: [fault] };
}

/** Such a BMC must not vanish: the target of its link was moved, or is not mounted yet. */
function brokenLink(folder: string, file: string): string | undefined {
  const link = [folder, file].find(
    (each) => lstatSync(each, { throwIfNoEntry: false })?.isSymbolicLink() && !existsSync(each),
  );
  return link && `${link}: the symbolic link leads to ${readlinkSync(link)}, which does not exist`;
}

function readConfig(folder: string, file: string, version: string, stats: BigIntStats): FolderReading {
  const warnings: string[] = [];
  try {
    const values = parseIni(readRegularFile(file, maxConfigBytes)).get(sectionName);
    if (values === undefined) {
      throw new IniError(`section [${sectionName}] is missing`);
    }
    if (values.has("domain_name") && !values.has("vm_name")) {
      const warning = `${file} belongs to OpenStack's virtualbmc (domain_name) and is skipped`;
      return { version, content: undefined, warnings: [...warnings, warning] };
    }
    // Not before it is known to be ours: a link may lead to any file.
    warnings.push(...tighten(folder, 0o700, statSync(folder, { bigint: true })), ...tighten(file, 0o600, stats));
    const bmc = toStoredBmc(path.basename(folder), values);
    return {
      version,
      content: { bmc },
      warnings: [...warnings, ...flagProblems(values).map((text) => `${file}: ${text}`)],
    };
  } catch (error) {
    if (!(error instanceof IniError || error instanceof StoreError)) {
      throw error;
    }
    const fault = `${file}: ${error.message}`;
    return { version, content: { fault }, warnings: [...warnings, fault] };
  }
}

/** The folder's owner, if that is why it cannot be read. */
function ownerHint(folder: string): string {
  const own = process.geteuid?.();
  const owner = lstatSync(folder, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || own === undefined || owner === own) {
    return "";
  }
  return `; the folder belongs to user ${owner}: change its owner to ${own}, the user that vbmcd runs as`;
}

/** Removes permissions of group and others; returns a warning about that or about its failure. */
function tighten(file: string, mode: number, stats: BigIntStats): string[] {
  const before = Number(stats.mode) & 0o777;
  if ((before & 0o077) === 0) {
    return [];
  }
  // A link may lead to a device, which belongs to others as well.
  if (!stats.isFile() && !stats.isDirectory()) {
    return [];
  }
  const octal = (bits: number) => `0${bits.toString(8)}`;
  try {
    chmodSync(file, mode);
    return [`${file} was accessible to others (mode ${octal(before)}); changed to ${octal(mode)}`];
  } catch (error) {
    return [
      `${file} is accessible to others (mode ${octal(before)}) and could not be changed: ${toStoreError(error, file).message}`,
    ];
  }
}
