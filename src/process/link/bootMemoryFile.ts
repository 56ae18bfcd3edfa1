/** Stores the boot order note of one VM in its BMC's folder; it is deleted with the folder. */
import { rm } from "node:fs/promises";
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import { replaceFile } from "../../io/files/atomicWrite.js";
import { fileFault } from "../../io/files/errno.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import { setAside } from "../../io/files/setAside.js";
import type { BootMemory, BootNote } from "../../vsphere/nextBoot.js";
import { type KeptNote, keptNoteCodec } from "./bootNoteCodec.js";

const fileName = "boot-order.json";
/** Far beyond what the longest order needs, bytes. */
const maxFileBytes = 1024 * 1024;

/**
 * `vm` identifies the VM: a note of another one is ignored. Without a writable folder the note is kept in memory only.
 * An invalid file is renamed. `onTrouble` gets one line for either; a failure to store is reported only once.
 */
export function openBootMemory(
  folder: string | undefined,
  vm: string,
  onTrouble: (message: string) => void,
): BootMemory {
  const file = folder === undefined ? undefined : path.join(folder, fileName);
  const kept = file === undefined ? undefined : read(file, onTrouble);
  let note: BootNote = kept !== undefined && (kept.vm ?? vm) === vm ? kept.note : {};
  let isReported = false;
  let isKept = kept !== undefined;

  async function keep(target: string): Promise<void> {
    if (note.pending ?? note.delayed) {
      await replaceFile(target, `${JSON.stringify(keptNoteCodec.encode({ vm, note }))}\n`);
      isKept = true;
    } else if (isKept) {
      await rm(target, { force: true });
      isKept = false;
    }
  }

  function reportFailure(error: unknown): void {
    if (!isReported) {
      isReported = true;
      onTrouble(`${String(file)}: ${fileFault(error)}: the boot order to restore is kept in memory until vbmcd ends`);
    }
  }

  return {
    read: () => note,
    write: async (next) => {
      if (next === note) {
        return;
      }
      note = next;
      if (file !== undefined) {
        await keep(file).catch(reportFailure);
      }
    },
  };
}

function read(file: string, onTrouble: (message: string) => void): KeptNote | undefined {
  try {
    return keptNoteCodec.decode(JSON.parse(readRegularFile(file, maxFileBytes).toString()));
  } catch (error) {
    if (!isErrno(error, "ENOENT")) {
      const fault = setAside(file);
      const outcome = fault === undefined ? "the file was renamed" : `the file cannot be renamed: ${fault}`;
      onTrouble(`${file}: ${fileFault(error)}: the boot order to restore is lost; ${outcome}`);
    }
    return undefined;
  }
}
