/** `vbmc console NAME`: the VM's serial console, and the serial port that it needs. */
import { userInfo } from "node:os";

import { type Command, Option } from "commander";

import { type CliContext, CliError } from "../context.js";

interface ConsoleOptions {
  readonly readOnly?: boolean;
  readonly take?: boolean;
  readonly log?: string;
  readonly history?: boolean;
  readonly setup?: boolean;
  readonly remove?: boolean;
  readonly clearText?: boolean;
}

/** About a screen, and all that is kept, bytes. */
const screenBytes = 8_192;
const allBytes = 1_048_576;
/** vCenter may take its time, ms. */
const setupMs = 60_000;

export function registerConsole(program: Command, context: CliContext): void {
  program
    .command("console")
    .description("Show the serial console of a virtual machine and type on it; ~. after a newline ends it")
    .argument("<vm_name>", "the name of the virtual machine")
    .option("--read-only", "only watch")
    .option("--take", "take the console over from the current writer")
    .option("--history", "begin with all earlier output that is kept, not only the last screen")
    .option("--log <file>", "also append what is shown to a file")
    .addOption(
      new Option("--setup", "give the virtual machine the serial port that the console needs").conflicts("remove"),
    )
    .option("--clear-text", "with --setup: connect without TLS")
    .option("--remove", "take that serial port away")
    .action(async (vmName: string, options: ConsoleOptions) => {
      if (options.setup === true || options.remove === true) {
        await changePort(vmName, options, context);
      } else {
        await open(vmName, options, context);
      }
    });
}

async function open(vmName: string, options: ConsoleOptions, context: CliContext): Promise<void> {
  if (process.stdin.listenerCount("keypress") + process.stdin.listenerCount("data") > 0) {
    throw new CliError("the console needs a terminal of its own: run vbmc console from the shell");
  }
  const { runTerminalConsole } = await import("../console/terminalConsole.js");
  const isReadOnly = options.readOnly === true;
  await runTerminalConsole({
    isReadOnly,
    takes: options.take === true,
    logFile: options.log,
    replayBytes: options.history === true ? allBytes : screenBytes,
    notice: (text) => void process.stderr.write(text),
    place: async (replayBytes) => {
      const { rows = [] } = await context.request({
        command: "console",
        vm_name: vmName,
        action: "open",
        user: userInfo().username,
        read_only: isReadOnly,
        replay_bytes: replayBytes,
      });
      const value = (name: string): string => String(rows.find(([key]) => key === name)?.[1] ?? "");
      return { socketPath: value("socket_path"), key: value("key") };
    },
  });
}

async function changePort(vmName: string, options: ConsoleOptions, context: CliContext): Promise<void> {
  const request = {
    command: "console",
    vm_name: vmName,
    action: options.setup === true ? "setup" : "remove",
    clear_text: options.clearText === true,
    timeout_ms: setupMs,
  };
  const { rows = [] } = await context.request(request, { timeoutMs: setupMs + 5_000 });
  for (const [kind, text] of rows) {
    if (kind === "warning") {
      context.error(`warning: ${String(text)}\n`);
    } else {
      context.out(`${String(text)}\n`);
    }
  }
}
