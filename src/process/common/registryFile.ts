/** Message registries as published by DMTF (DSP8011), stored in this folder. */
import { readFile } from "node:fs/promises";

/** The text of a registry, e.g. `Base.1.22.1`; undefined if it is not available. */
export async function readRegistry(id: string): Promise<string | undefined> {
  return readFile(new URL(`registries/${id}.json`, import.meta.url), "utf8").catch(() => undefined);
}
