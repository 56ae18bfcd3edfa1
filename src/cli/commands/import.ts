/** `vbmc import`: many BMCs from a file, or from VirtualBMC for vSphere. */
import type { Command } from "commander";
import { homeFolder } from "../../config/home.js";
import type { ListedBmc } from "../bmcList.js";
import { addBmcOptions } from "../bmcOptions.js";
import { CliError, type CliContext } from "../context.js";
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
  addBmcOptions(command, "the first port for BMCs that name none; counted up, around ports that are taken");
  addFormatOptions(command).action(async (file: string | undefined, options: ImportCommandOptions) => {
    if ((file === undefined) === (options.fromVsbmc === undefined)) {
      command.error("error: give either a file or --from-vsbmc");
    }
    const list =
      file === undefined ? await fromVsbmc(options.fromVsbmc, context) : await fromFile(file, hasPassword(command));
    const { importBmcs } = await import("../importBmcs.js");
    const { renderTable } = await import("../formats/render.js");
    const response = await importBmcs(list, options, context);
    context.out(await renderTable(response, options, context, { isSorted: true, isWide: true }));
    const failed = response.rows.filter(([, , , result, detail]) => result !== "added" || detail !== null);
    if (failed.length > 0) {
      throw new CliError(`${failed.length} of ${response.rows.length} BMCs were not added or not started`);
    }
  });
}

/** Whether the command line says which password those have that name none. */
export function hasPassword(command: Command): boolean {
  return ["password", "passwordFile"].some((option) => command.getOptionValueSource(option) === "cli");
}

async function fromFile(file: string, hasOwnPassword: boolean): Promise<ListedBmc[]> {
  const { parseBmcList } = await import("../bmcList.js");
  return parseBmcList(readTextFile(file), file === "-" ? "standard input" : file, hasOwnPassword);
}

async function fromVsbmc(given: string | true | undefined, { config, error }: CliContext): Promise<ListedBmc[]> {
  const { findVsbmcFolder, readVsbmcFolder } = await import("../vsbmcFolder.js");
  const folder = typeof given === "string" ? given : findVsbmcFolder(homeFolder() ?? "/");
  if (folder === undefined) {
    throw new CliError("there is neither ~/.vsbmc nor ~/.vbmc: name the directory of VirtualBMC for vSphere");
  }
  const list = readVsbmcFolder(folder, config().configDir, (text) => error(`warning: ${text}\n`));
  if (list.length === 0) {
    throw new CliError(`${folder} holds no BMC`);
  }
  return list;
}
