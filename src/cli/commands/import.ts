/** `vbmc import`: adds many BMCs from a file, or from VirtualBMC for vSphere. */
import { existsSync } from "node:fs";
import path from "node:path";

import type { Command } from "commander";

import { homeFolder } from "../../settings/config/home.js";
import type { ListedBmc } from "../bmcList.js";
import { addBmcOptions } from "../bmcOptions.js";
import { type CliContext, CliError } from "../context.js";
import { addFormatOptions, type FormatOptions } from "../formats/options.js";
import type { ImportOptions } from "../importBmcs.js";
import { readTextFile } from "../textFile.js";

interface ImportCommandOptions extends ImportOptions, FormatOptions {
  readonly fromVsbmc?: string | true;
}

export function registerImport(program: Command, context: CliContext): void {
  const command = program
    .command("import")
    .description("Add many virtual BMCs: from JSON, CSV or a list of names, or from VirtualBMC for vSphere")
    .argument("[file]", "JSON, CSV with a header, or one VM name a line; - is standard input");
  command
    .option("--from-vsbmc [directory]", "take the BMCs of VirtualBMC for vSphere (default: ~/.vsbmc, else ~/.vbmc)")
    .option("--atomic", "add all of them or none")
    .option("--start", "start those that were added");
  addBmcOptions(command, "the first port for BMCs without one; counted up, skipping ports in use");
  addFormatOptions(command).action(async (file: string | undefined, options: ImportCommandOptions) => {
    if ((file === undefined) === (options.fromVsbmc === undefined)) {
      command.error("error: give either a file or --from-vsbmc");
    }
    const { list, faults } =
      file === undefined
        ? await fromVsbmc(options.fromVsbmc, context)
        : { list: await fromFile(file, hasPassword(command)), faults: [] };
    const { failedRows, importBmcs, otherShardsText } = await import("../importBmcs.js");
    const { renderTable } = await import("../formats/render.js");
    const response = await importBmcs(list, options, context);
    context.out(await renderTable(response, options, context, { isSorted: true, isWide: true }));
    const others = otherShardsText(response.rows);
    if (others !== undefined) {
      context.error(`${others}\n`);
    }
    const failures = failedRows(response.rows).length + faults.length;
    if (failures > 0) {
      const sum = `${failures} of ${response.rows.length + faults.length} BMCs were not added or not started`;
      throw new CliError([...faults, sum].join("\n"));
    }
  });
}

/** Whether the command line sets a password for entries without one. */
export function hasPassword(command: Command): boolean {
  return ["password", "passwordFile"].some((option) => command.getOptionValueSource(option) === "cli");
}

async function fromFile(file: string, hasOwnPassword: boolean): Promise<ListedBmc[]> {
  const { parseBmcList } = await import("../bmcList.js");
  return parseBmcList(readTextFile(file), file === "-" ? "standard input" : file, hasOwnPassword);
}

async function fromVsbmc(
  given: string | true | undefined,
  { config, places, error }: CliContext,
): Promise<{ readonly list: readonly ListedBmc[]; readonly faults: readonly string[] }> {
  const { readVsbmcFolder } = await import("../vsbmcFolder.js");
  const { configDirOf, readVsbmcSettings, settingsNotTaken } = await import("../vsbmcSettings.js");
  const home = homeFolder() ?? "/";
  const settings = readVsbmcSettings(process.env, home);
  const candidates = [settings && configDirOf(settings), path.join(home, ".vsbmc"), path.join(home, ".vbmc")];
  const folder = typeof given === "string" ? given : candidates.find((each) => each !== undefined && existsSync(each));
  if (folder === undefined) {
    throw new CliError("there is neither ~/.vsbmc nor ~/.vbmc: name the directory of VirtualBMC for vSphere");
  }
  const { bmcs: list, faults, warnings } = readVsbmcFolder(folder, config().configDir);
  const notTaken = settings === undefined ? [] : settingsNotTaken(settings, config(), places, home);
  for (const text of [...warnings, ...notTaken]) {
    error(`warning: ${text}\n`);
  }
  if (list.length === 0) {
    throw new CliError([...faults, `${folder} has no BMC to import`].join("\n"));
  }
  return { list, faults };
}
