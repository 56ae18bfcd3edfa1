/** Message registries as DMTF publishes them (DSP8011), which lie beside this file. */
import { readFile } from "node:fs/promises";

/** The text of a registry, e.g. `Base.1.22.1`; undefined when it is not at hand. */
export async function readRegistry(id: string): Promise<string | undefined> {
  return readFile(new URL(`registries/${id}.json`, import.meta.url), "utf8").catch(() => undefined);
}
