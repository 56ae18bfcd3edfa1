/** vbmc(1): of the definitions from which commander makes --help. */
import { Command, type Help } from "commander";

import type { CliContext } from "../../../src/cli/context.js";
import { addFormatOptions } from "../../../src/cli/formats/options.js";
import { createProgram } from "../../../src/cli/program.js";
import { vbmcPlaces } from "../../../src/settings/config/places.js";
import {
  bold,
  escaped,
  example,
  fromMarkdown,
  heading,
  inline,
  type ManualPage,
  paragraph,
  subheading,
  tagged,
} from "./roff.js";

export function commandLineManual(version: string): ManualPage {
  const program = createProgram(noContext, version);
  const help = program.createHelp();
  const commands = [...program.commands].sort((a, b) => (a.name() < b.name() ? -1 : 1));
  const output = termsOf(help, addFormatOptions(new Command())).filter(({ term }) => term !== helpFlags);
  return {
    name: "vbmc",
    section: 1,
    purpose: "manage virtual BMCs for VMware vSphere virtual machines",
    body: [
      heading("Synopsis"),
      `${bold("vbmc")} [\\fIoptions\\fR] [\\fIcommand\\fR [\\fIarguments\\fR]]\n`,
      heading("Description"),
      `${escaped(program.description())}\n`,
      fromMarkdown(manners),
      heading("Options"),
      ...termsOf(help, program).map(toRoffItem),
      heading("Commands"),
      ...commands.map((command) => toCommand(help, command, output)),
      heading(outputHeading),
      ...output.map(toRoffItem),
      heading("Exit status"),
      tagged(bold("0"), "All went well."),
      tagged(bold("1"), "Something failed; standard error says what. What could be done has been done."),
      tagged(bold("2"), "A usage error."),
      heading("Environment"),
      fromMarkdown(environment),
      heading("Files"),
      fromMarkdown(files),
      heading("Examples"),
      example(examples),
      heading("See also"),
      paragraph("\\fBvbmcd\\fR(8), \\fBvbmc.conf\\fR(5), \\fBipmitool\\fR(1)"),
    ].join(""),
  };
}

interface Term {
  readonly term: string;
  readonly description: string;
}

const helpFlags = "-h, --help";
const outputHeading = "Output options";

/** Only commands that run have to do with the world. */
export const noContext: CliContext = {
  places: vbmcPlaces,
  out: () => undefined,
  error: () => undefined,
  config: () => {
    throw new Error("no command runs here");
  },
  request: () => Promise.reject(new Error("no command runs here")),
  isColoured: false,
  progress: undefined,
  terminalWidth: undefined,
};

function termsOf(help: Help, command: Command): Term[] {
  return help
    .visibleOptions(command)
    .map((option) => ({ term: help.optionTerm(option), description: help.optionDescription(option) }));
}

/** `-f, --format <format>`: what is typed is bold. */
function toRoffItem({ term, description }: Term): string {
  const [flags = "", value = ""] = term.split(/(?= [<[])/);
  return tagged(`${bold(flags)}${escaped(value)}`, escaped(description));
}

function toCommand(help: Help, command: Command, output: readonly Term[]): string {
  const options = termsOf(help, command).filter(({ term }) => term !== helpFlags);
  const isOutput = (each: Term): boolean =>
    output.some(({ term, description }) => term === each.term && description === each.description);
  const own = options.filter((option) => !isOutput(option));
  const argumentsOf = help
    .visibleArguments(command)
    .map((argument) =>
      tagged(`\\fI${escaped(help.argumentTerm(argument))}\\fR`, escaped(help.argumentDescription(argument))),
    );
  return [
    subheading(`vbmc ${command.name()} ${command.usage()}`),
    `${escaped(sentence(command.description()))}\n`,
    ...(own.length < options.length ? [inline(`It takes the ${outputHeading.toLowerCase()} below too.\n`)] : []),
    ...argumentsOf,
    ...own.map(toRoffItem),
  ].join("");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const manners = `
Commands and long options may be abbreviated as long as they stay unambiguous. Options of vbmc itself may stand before or behind
the command. Without a command it reads commands from a prompt, or from standard input. A password is best given in a file, on
standard input, in the environment, or at the prompt: arguments are seen in the list of processes.

The package gives \`vsbmc\` as well, which is the same, for machines where OpenStack's virtualbmc owns the name.
`;

const environment = `
| variable | meaning |
| --- | --- |
| \`VIRTUALBMC_CONFIG\` | the configuration file, see vbmc.conf(5) |
| \`VBMC_VISERVER_PASSWORD\` | the password at the viserver, where a user name is given without one |
| \`XDG_CACHE_HOME\` | where compiled code is kept, instead of \`~/.cache\` |
| \`NODE_DISABLE_COMPILE_CACHE\` | 1: no compiled code is kept |
| \`NO_COLOR\` | no colours, also on a terminal |
| \`CLIFF_MAX_TERM_WIDTH\`, \`CLIFF_FIT_WIDTH\` | defaults of --max-width and --fit-width |
`;

const files = `
| file | meaning |
| --- | --- |
| \`~/.vbmc/virtualbmc.conf\`, \`/etc/virtualbmc/virtualbmc.conf\` | the configuration; the first one that exists |
| \`CONFIG_DIR/NAME/config\` | a BMC |
| \`~/.cache/vbmc4vsphere\` | code that was compiled before, which makes starts faster; may be removed at any time |
`;

const examples = `
$ vbmc add lab-vesxi01 --port 6230 --viserver vc.example.com \\
    --viserver-username vbmc@vsphere.local --viserver-password-file vc.pw
$ vbmc start lab-vesxi01
$ vbmc check lab-vesxi01
$ ipmitool -I lanplus -H 127.0.0.1 -p 6230 -U admin -P password power status
$ vbmc events --follow
`;
