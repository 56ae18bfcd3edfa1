/** The root of the repository: tests read its files wherever they run from. */
import path from "node:path";

export const repository = path.resolve(import.meta.dirname, "../..");

/** The absolute path of a file or folder of the repository. */
export function inRepository(...parts: readonly string[]): string {
  return path.join(repository, ...parts);
}
