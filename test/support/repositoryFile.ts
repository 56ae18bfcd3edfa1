/** Files of the repository, for tests that run from the sources as well as for those that run from the build. */
import { existsSync } from "node:fs";
import path from "node:path";

/** @param name a path from the root of the repository */
export function repositoryFile(name: string): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, "package.json"))) {
    folder = path.dirname(folder);
  }
  return path.join(folder, name);
}
