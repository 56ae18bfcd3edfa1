/** The memory of one BMC on disk: `NAME.json` in the VM's folder, mode 0600 because some documents hold passwords. */
import { readFileSync, readdirSync, renameSync } from "node:fs";
import path from "node:path";
import { MemoryError, type BmcMemory } from "../bmc/memory.js";
import { replaceFile } from "../files/atomicWrite.js";

const extension = ".json";

/**
 * Reads all documents once, and at once: handing 500 BMCs' small files to the thread pool costs more than reading them.
 * Afterwards only writing touches the disk. A damaged document is moved aside and reported by `onDamage`, so that its BMC
 * starts without it.
 */
export function openMemoryFolder(folder: string, onDamage: (file: string) => void): BmcMemory {
  const documents = new Map<string, unknown>();
  for (const file of filesIn(folder).filter((name) => name.endsWith(extension) && !name.startsWith("."))) {
    const whole = path.join(folder, file);
    try {
      documents.set(path.basename(file, extension), JSON.parse(readFileSync(whole, "utf8")));
    } catch (error) {
      if (!(error instanceof SyntaxError)) {
        throw error;
      }
      renameSync(whole, `${whole}.damaged`);
      onDamage(whole);
    }
  }

  /** Writes of one document come one after the other: the last one asked for is the one that stays. */
  const lastWrites = new Map<string, Promise<void>>();

  return {
    read: (document) => documents.get(document),
    write: (document, value) => {
      const text = `${JSON.stringify(value, undefined, 2)}\n`;
      const write = async (): Promise<void> => {
        const file = path.join(folder, `${document}${extension}`);
        await replaceFile(file, text).catch((error: unknown) => {
          throw toMemoryError(error, file);
        });
        documents.set(document, JSON.parse(text));
      };
      const turn = (lastWrites.get(document) ?? Promise.resolve()).then(write, write);
      lastWrites.set(document, turn);
      return turn;
    },
  };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function toMemoryError(error: unknown, file: string): MemoryError {
  const reason = error instanceof Error ? error.message : String(error);
  const isFull = error instanceof Error && "code" in error && ["ENOSPC", "EDQUOT"].includes(String(error.code));
  return new MemoryError(isFull ? "full" : "refused", `${file} cannot be written: ${reason}`);
}
