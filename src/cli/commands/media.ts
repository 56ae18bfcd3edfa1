/** `vbmc media list|insert|eject NAME [SOURCE]`: what is in the drives of a virtual machine. */
import { Argument, type Command, Option } from "commander";

import { defined } from "../../base/defined.js";
import type { CliContext } from "../context.js";
import { CliError } from "../context.js";
import { addFormatOptions, type FormatOptions, toChoice } from "../formats/options.js";
import type { MediaOutcome } from "../mediaRequests.js";

const actions = ["list", "insert", "eject"] as const;

interface MediaOptions extends FormatOptions {
  readonly floppy?: boolean;
  readonly bootOnce?: boolean;
  readonly wait?: boolean;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
  readonly verify: boolean;
}

export function registerMedia(program: Command, context: CliContext): void {
  const media = program
    .command("media")
    .description(
      "Show, insert or eject the image in a virtual machine's CD drive. SOURCE is an http or https URL, a '[datastore] path', or a file",
    )
    .addArgument(new Argument("<action>", "what to do").choices(actions).argParser(toChoice(actions)))
    .argument("<vm_name>", "the name of the virtual machine")
    .argument("[source]", "the image; for insert only")
    .option("--floppy", "the floppy drive instead of the CD drive")
    .option("--boot-once", "boot from the drive at the next start, once")
    .option("--wait", "wait until the image is in the drive, or the drive is empty; with progress on a terminal")
    .option("--username <name>", "the user name for the image server")
    .option("--password-file <file>", "a file with the password for the image server, or - for standard input")
    .option("--password-env <variable>", "an environment variable with the password for the image server")
    .addOption(new Option("--no-verify", "do not verify the certificate of the image server"));
  addFormatOptions(media).action(
    async (action: (typeof actions)[number], name: string, source: string | undefined, options: MediaOptions) => {
      if ((source !== undefined) !== (action === "insert")) {
        throw new CliError(action === "insert" ? "insert needs the image to insert" : `${action} takes no image`, 2);
      }
      const request = { command: "media", action, vm_name: name, ...(await wishOf(source, options)) };
      const { askForMedia } = await import("../mediaRequests.js");
      const drive = options.floppy === true ? "floppy drive" : "CD drive";
      const outcome = await askForMedia(request, { action, drive, waits: options.wait === true }, context);
      await show(outcome, action, name, drive, options, context);
    },
  );
}

async function wishOf(source: string | undefined, options: MediaOptions): Promise<Record<string, unknown>> {
  const slot = options.floppy === true ? "floppy" : "cd";
  if (source === undefined) {
    return { slot };
  }
  const { imageOf } = await import("../mediaSource.js");
  const { readSecret } = await import("../secrets.js");
  const { username, passwordFile: file, passwordEnv: variable } = options;
  const password = readSecret({ option: "password", value: undefined, file, variable });
  return defined({
    slot,
    image: imageOf(source),
    username,
    password,
    ...(!options.verify && { verify_certificate: false }),
    ...(options.bootOnce === true && { boot_once: true }),
  });
}

async function show(
  { response, state, image }: MediaOutcome,
  action: (typeof actions)[number],
  name: string,
  drive: string,
  options: FormatOptions,
  context: CliContext,
): Promise<void> {
  if (action === "list" || options.format !== "table") {
    const { renderTable } = await import("../formats/render.js");
    context.out(await renderTable(response, options, context, { isSorted: true, isWide: true }));
  } else if (action === "eject") {
    const isEmpty = state === "empty";
    context.out(isEmpty ? `The ${drive} of ${name} is empty\n` : `The ${drive} of ${name} is being emptied\n`);
  } else if (state === "inserted") {
    context.out(`${image} is in the ${drive} of ${name}\n`);
  } else {
    context.out(`${image} is on its way to the ${drive} of ${name}; vbmc media list ${name} shows how far\n`);
  }
}
