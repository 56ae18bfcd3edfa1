/** Folders and files of datastores over vSphere's FileManager and datastore browser. */
import { MachineError } from "../../model/machine/errors.js";
import { isFault } from "../faults.js";
import { type MoRef, toSoap } from "../moRef.js";
import type { VimSession } from "../session.js";
import { fieldOf, listOf, numberOf, textOf } from "../soapValue.js";
import { runTask, runTaskForResult } from "../task.js";
import { type DatastorePath, formatDatastorePath, splitFile } from "./datastorePath.js";

function managerOf({ content }: VimSession): MoRef {
  if (!content.fileManager) {
    throw new MachineError("unsupported", "the server has no file manager, so images cannot be stored there");
  }
  return content.fileManager;
}

/** Makes the folder, unless it is there. Throws VimFault or VimTransportError. */
export async function makeFolder(session: VimSession, folder: DatastorePath, datacenter: MoRef): Promise<void> {
  try {
    await session.call("MakeDirectory", managerOf(session), {
      name: formatDatastorePath(folder),
      datacenter: toSoap(datacenter),
      createParentDirectories: true,
    });
  } catch (error) {
    if (!isFault(error, "FileAlreadyExists")) {
      throw error;
    }
  }
}

/** Deletes the file, or does nothing if it does not exist. Throws VimFault or VimTransportError. */
export async function deleteFile(session: VimSession, file: DatastorePath, datacenter: MoRef): Promise<void> {
  try {
    await runTask(session, managerOf(session), { stage: "waiting" }, "DeleteDatastoreFile_Task", {
      name: formatDatastorePath(file),
      datacenter: toSoap(datacenter),
    });
  } catch (error) {
    if (!isFault(error, "FileNotFound")) {
      throw error;
    }
  }
}

/** Size in bytes; undefined where there is no such file. */
export async function fileSize(session: VimSession, browser: MoRef, path: DatastorePath): Promise<number | undefined> {
  const { folder, name } = splitFile(path.file);
  const details = { fileType: false, fileSize: true, modification: false, fileOwner: false };
  try {
    const result = await runTaskForResult(session, browser, { stage: "waiting" }, "SearchDatastore_Task", {
      datastorePath: formatDatastorePath({ ...path, file: folder }),
      searchSpec: { details, matchPattern: [escapePattern(name)] },
    });
    const found = listOf(fieldOf(result, "file")).find((file) => textOf(fieldOf(file, "path")) === name);
    return found === undefined ? undefined : (numberOf(fieldOf(found, "fileSize")) ?? 0);
  } catch (error) {
    if (isFault(error, "FileNotFound")) {
      return undefined;
    }
    throw error;
  }
}

/** Patterns support `*` and `?` only, without an escape: each matches at least one character. */
function escapePattern(name: string): string {
  return name.replace(/[[\]]/g, "?");
}
