/** The scripts of `vbmc complete SHELL`, run by the shells themselves, which ask a daemon for the names. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { createDaemonHome, type DaemonHome } from "../process/daemon/daemonHome.js";
import { freeUdpPort } from "../support/ports.js";
import { inRepository } from "../support/repository.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { vbmc } from "./commandRun.js";

const run = promisify(execFile);
const script = inRepository("bin/vbmc.js");
const names = ["lab-01", "lab-02", "My VM", "it's", 'a"$b', "dc:web", "dc:mail", "a;touch hacked"];

let daemon: DaemonHome;
// Hooks run in this order: the daemon ends before its folder is removed.
after(() => daemon.end());
const root = temporaryFolder();
before(async () => {
  daemon = await createDaemonHome(path.join(root, "home"), "server_response_timeout = 100000\n");
  await daemon.start();
  Object.assign(process.env, daemon.env);
  for (const name of names) {
    assert.deepEqual(await vbmc(["add", name, "--port", String(await freeUdpPort())]), {
      rc: 0,
      stdout: "",
      stderr: "",
    });
  }
  mkdirSync(path.join(root, "bin"));
  writeFileSync(path.join(root, "bin/vbmc"), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`, {
    mode: 0o755,
  });
});

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

/** What a shell prints for a program that has the completion script as $SCRIPT and the real vbmc in its PATH. */
async function shell(command: string, args: readonly string[], further: NodeJS.ProcessEnv = {}): Promise<string> {
  const PATH = `${path.join(root, "bin")}:${process.env.PATH ?? ""}`;
  const { stdout, stderr } = await run(command, args, { cwd: root, env: { ...process.env, PATH, ...further } });
  assert.equal(stderr, "");
  return stdout;
}

/** The candidates for the last word, as bash splits the line: `a:b` is three words, and so is `--format=j`. */
async function bash(words: readonly string[], further?: NodeJS.ProcessEnv): Promise<string[]> {
  const { stdout: SCRIPT } = await vbmc(["complete", "bash"]);
  const program = `eval "$SCRIPT"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
    _vbmc_words; ((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;
  const stdout = await shell("bash", ["-c", program, "bash", ...words], { SCRIPT, ...further });
  return stdout.split("\n").slice(0, -1);
}

describe("vbmc complete bash", () => {
  const cases: readonly (readonly [string[], string[]])[] = [
    [["vbmc", "sta"], ["start"]],
    [["vbmc", "--log-file", "x", "sta"], ["start"]],
    [
      ["vbmc", "--ver"],
      ["--version", "--verbose"],
    ],
    [["vbmc", "add", "--viserver-u"], ["--viserver-username"]],
    [["vbmc", "list", "--format", "j"], ["json"]],
    [["vbmc", "list", "--format", "=", "j"], ["json"]],
    [
      ["vbmc", "list", "--quote", "="],
      ["all", "minimal", "none", "nonnumeric"],
    ],
    [["vbmc", "complete", "f"], ["fish"]],
    [["vbmc", "help", "tr"], ["trust"]],
    [
      ["vbmc", "start", "lab"],
      ["lab-01", "lab-02"],
    ],
    [["vbmc", "start", "lab-01", "lab-02", "M"], ["My\\ VM"]],
    [["vbmc", "show", "My\\ V"], ["My\\ VM"]],
    [["vbmc", "show", "'My V"], ["My VM"]],
    [["vbmc", "show", '"My V'], ["My VM"]],
    [["vbmc", "show", "it"], ["it\\'s"]],
    [["vbmc", "show", "'it"], []],
    [["vbmc", "show", 'a\\"'], ['a\\"\\$b']],
    [["vbmc", "show", '"a\\"'], []],
    [["vbmc", "show", "a\\;"], ["a\\;touch\\ hacked"]],
    [
      ["vbmc", "show", "d"],
      ["dc:mail", "dc:web"],
    ],
    [
      ["vbmc", "show", "dc", ":"],
      ["mail", "web"],
    ],
    [["vbmc", "show", "dc", ":", "w"], ["web"]],
    // A new BMC's name is not that of one that exists, and an option's value is no name.
    [["vbmc", "add", "lab"], []],
    [["vbmc", "set", "lab-01", "--port", ""], []],
    [["vbmc", "show", "nothing-like-it"], []],
  ];

  for (const [words, expected] of cases) {
    test(`${words.join("⎵")} is completed by ${expected.join(", ") || "nothing"}`, async () => {
      assert.deepEqual((await bash(words)).sort(), [...expected].sort());
    });
  }

  test("files are completed where a file is asked for, blanks and all", async () => {
    writeFileSync(path.join(root, "two words.csv"), "");
    assert.deepEqual(await bash(["vbmc", "import", "two"]), ["two words.csv"]);
    assert.deepEqual(await bash(["vbmc", "add", "x", "--password-file", "two"]), ["two words.csv"]);
  });

  test("a daemon that does not answer gives no names and no noise", async () => {
    assert.deepEqual(
      await bash(["vbmc", "start", ""], { HOME: path.join(root, "unknown"), VIRTUALBMC_CONFIG: "" }),
      [],
    );
  });

  test("--name is the command that is completed and asked", async () => {
    const { stdout } = await vbmc(["complete", "bash", "--name", "vsbmc"]);
    assert.match(stdout, /^complete -F _vsbmc_words vsbmc$/m);
    assert.match(stdout, /command vsbmc list -f value/);
  });

  test("--shell beside the shell is a usage error", async () => {
    const { rc, stderr } = await vbmc(["complete", "zsh", "--shell", "none"]);
    assert.equal(rc, 2);
    assert.match(stderr, /--shell: not allowed with a shell as argument/);
  });
});

describe("vbmc complete zsh", () => {
  const skip = isInstalled("zsh") ? false : "zsh is not installed";

  test("zsh completes commands, options, values and names", { skip }, async () => {
    const { stdout: SCRIPT } = await vbmc(["complete", "zsh"]);
    const program = `compdef() { : }; eval "$SCRIPT"; compadd() { shift; print -rl -- "$@" }
      words=("$@"); CURRENT=$#; _vbmc`;
    const zsh = async (...words: readonly string[]) =>
      (await shell("zsh", ["-f", "-c", program, "zsh", ...words], { SCRIPT })).split("\n").slice(0, -1);
    assert.ok((await zsh("vbmc", "")).includes("start"));
    assert.ok((await zsh("vbmc", "add", "--")).includes("--viserver-username"));
    assert.deepEqual((await zsh("vbmc", "list", "-f", "")).sort(), ["csv", "json", "table", "value", "yaml"]);
    assert.deepEqual((await zsh("vbmc", "--log-file", "x", "stop", "")).sort(), [...names].sort());
    assert.deepEqual(await zsh("vbmc", "add", ""), []);
  });
});

describe("vbmc complete fish", () => {
  const skip = isInstalled("fish") ? false : "fish is not installed";

  test("fish completes commands, options, values and names", { skip }, async () => {
    const { stdout: SCRIPT } = await vbmc(["complete", "fish"]);
    const fish = async (LINE: string) => {
      const program = 'printf %s "$SCRIPT" | source; complete -C "$LINE"';
      const stdout = await shell("fish", ["--no-config", "-c", program], { SCRIPT, LINE });
      return stdout
        .split("\n")
        .slice(0, -1)
        .map((line) => line.split("\t")[0]);
    };
    assert.deepEqual(await fish("vbmc sta"), ["start"]);
    assert.deepEqual(await fish("vbmc add --viserver-u"), ["--viserver-username"]);
    assert.deepEqual(await fish("vbmc list --format j"), ["json"]);
    assert.deepEqual(await fish("vbmc start lab"), ["lab-01", "lab-02"]);
    // fish quotes on the command line; whether it does so here too differs by version.
    assert.equal((await fish("vbmc start M")).join().replace("\\", ""), "My VM");
    assert.deepEqual(await fish("vbmc add lab"), []);
  });
});
