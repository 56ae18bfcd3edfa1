/** `npm run docs`: writes the pages that are made of the program's own tables. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { commandsPage, commandsPageFile } from "./commandsPage.js";
import { configurationPage, configurationPageFile } from "./configurationPage.js";
import { commandLineManual } from "./manual/commandLineManual.js";
import { configurationManual } from "./manual/configurationManual.js";
import { daemonManual } from "./manual/daemonManual.js";
import { toAlias, toRoff } from "./manual/roff.js";
import { redfishPage, redfishPageFile } from "./redfishPage.js";
import { repository } from "./repository.js";

/** File → what it must be. */
export function madePages(): ReadonlyMap<string, string> {
  const { name, version } = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8")) as Record<
    "name" | "version",
    string
  >;
  const release = `${name} ${version}`;
  const manual = (file: string): string => path.join(repository, "man", file);
  return new Map([
    [commandsPageFile, commandsPage()],
    [configurationPageFile, configurationPage()],
    [redfishPageFile, redfishPage()],
    [manual("vbmc.1"), toRoff(commandLineManual(version), release)],
    [manual("vbmc.conf.5"), toRoff(configurationManual(), release)],
    [manual("vbmcd.8"), toRoff(daemonManual(), release)],
    [manual("vsbmc.1"), toAlias({ name: "vbmc", section: 1 })],
    [manual("virtualbmc.conf.5"), toAlias({ name: "vbmc.conf", section: 5 })],
    [manual("vsbmcd.8"), toAlias({ name: "vbmcd", section: 8 })],
  ]);
}

if (process.argv[1] === import.meta.filename) {
  for (const [file, text] of madePages()) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
