/** The memory of one BMC on disk: `NAME.json` in the VM's folder, mode 0600 because some documents hold passwords. */
import { readFile, readdir, rename } from "node:fs/promises";
import path from "node:path";
import { MemoryError, type BmcMemory } from "../bmc/memory.js";
import { replaceFile } from "../files/atomicWrite.js";

const extension = ".json";

/**
 * Reads all documents once; afterwards only writing touches the disk. A damaged document is moved aside and reported by
 * `onDamage`, so that its BMC starts without it.
 */
export async function openMemoryFolder(folder: string, onDamage: (file: string) => void): Promise<BmcMemory> {
  const documents = new Map<string, unknown>();
  const files = await readdir(folder).catch((): string[] => []);
  for (const file of files.filter((name) => name.endsWith(extension) && !name.startsWith("."))) {
    const whole = path.join(folder, file);
    try {
      documents.set(path.basename(file, extension), JSON.parse(await readFile(whole, "utf8")));
    } catch (error) {
      if (!(error instanceof SyntaxError)) {
        throw error;
      }
      await rename(whole, `${whole}.damaged`);
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

export function toMemoryError(error: unknown, file: string): MemoryError {
  const reason = error instanceof Error ? error.message : String(error);
  const isFull = error instanceof Error && "code" in error && ["ENOSPC", "EDQUOT"].includes(String(error.code));
  return new MemoryError(isFull ? "full" : "refused", `${file} cannot be written: ${reason}`);
}
