/** What the demo shows of a console: a boot by `ipmitool sol activate`, which wants a terminal, so `script` gives it one. */
import { spawn, spawnSync } from "node:child_process";

import { type DemoBmc, ipmitoolArguments } from "./ipmitoolTour.js";
import { commandLine, type Shell } from "./shell.js";

/** util-linux's. */
export function hasScript(): boolean {
  return spawnSync("script", ["--version"], { stdio: "ignore" }).status === 0;
}

/** How long the demo waits for what the console should show, ms. */
const patienceMs = 30_000;

/** Activates the console, switches the VM on, logs in at the guest and leaves again. */
export async function showBoot(shell: Shell, bmc: DemoBmc, print: (text: string) => void): Promise<void> {
  const words = ["ipmitool", ...ipmitoolArguments(bmc, ["sol", "activate"])];
  print(`$ ${commandLine("ipmitool", words.slice(1))}\n`);
  const program = spawn("script", ["-qefc", words.join(" "), "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => program.once("close", () => resolve()));
  const screen = watch(program.stdout, print);
  try {
    await screen.shows("SOL Session operational");
    await shell.quietly("ipmitool", ipmitoolArguments(bmc, ["power", "on"]));
    await screen.shows("login: ");
    for (const [typed, answer] of [
      ["root", "Password: "],
      ["password", "# "],
      ["uname -a", "# "],
      ["cat /etc/os-release", "# "],
    ] as const) {
      program.stdin.write(`${typed}\r`);
      await screen.shows(answer);
    }
    program.stdin.write("\r~.");
    await ended;
    print("\n");
  } finally {
    program.kill();
  }
}

interface Screen {
  /** Resolves when the text is shown behind what was shown before. */
  readonly shows: (text: string) => Promise<void>;
}

function watch(output: NodeJS.ReadableStream, print: (text: string) => void): Screen {
  let shown = "";
  let look = (): void => undefined;
  output.setEncoding("latin1");
  output.on("data", (text: string) => {
    print(text);
    shown += text;
    look();
  });
  return {
    shows: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`the console does not show ${JSON.stringify(text)}`)),
          patienceMs,
        );
        look = () => {
          const at = shown.indexOf(text);
          if (at >= 0) {
            clearTimeout(timer);
            shown = shown.slice(at + text.length);
            look = () => undefined;
            resolve();
          }
        };
        look();
      }),
  };
}
