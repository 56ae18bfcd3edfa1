/** `npm run demo`, as far as it is ours, with dist/bundle: what it shows works, and nothing of it stays. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, test } from "node:test";

import { closedAtTheEnd } from "../support/leftOpen.js";
import { patiently } from "../support/patience.js";
import { peer } from "../support/peer.js";
import { isCommand, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { openTerminal, type Terminal } from "../support/terminal.js";

const demo = [process.execPath, "--import", "tsx", inRepository("demo/main.ts")] as const;
const { skip } = peer("ipmitool", () => isCommand("ipmitool"));

describe("the demo", () => {
  const temporary = temporaryFolder();
  const env = { ...process.env, TMPDIR: temporary, FORCE_COLOR: undefined };

  /** What tsx keeps is not the demo's. */
  const files = (): readonly string[] => readdirSync(temporary).filter((name) => !name.startsWith("tsx-"));
  const onTerminal = (...args: readonly string[]): Terminal => {
    const terminal = openTerminal("env", `TMPDIR=${temporary}`, "NO_COLOR=1", ...demo, ...args);
    closedAtTheEnd(async () => {
      terminal.hangUp();
      await terminal.ended;
    });
    return terminal;
  };

  afterEach(() => {
    assert.deepEqual(files(), [], "files are left");
    assert.deepEqual(commandsWithin(temporary), [], "programs are left");
  });

  test("shows power, inventory, an image, its boot on the console, a metric and the page", { skip }, async () => {
    const { code, stdout, stderr } = await run(demo[0], demo.slice(1), { env });
    assert.deepEqual([code, stderr], [0, ""], stdout);
    for (const part of [
      /power status\nChassis Power is off\n\$ [^\n]*power on\n[^]*power status\nChassis Power is on\n/,
      /\$ curl [^]*Systems\/1\?[^]*"PowerState": ?"On"[^]*"TotalSystemMemoryGiB": ?4/,
      /InsertMedia\n\$ [^\n]*bootdev cdrom\n[^]*\| CD drive +\| inserted \| http:[^ ]*rescue\.iso /,
      /sol activate\n[^]*VMware BIOS[^]*CD\/DVD: RESCUE[^]*rescue login: root[^]*Linux rescue 6\.1\.0/,
      /\nvbmc_vm_powered_on\{bmc="vm-02"\} 1\n/,
      /\nhttps:\/\/127\.0\.0\.1:\d+\/ [^\n]*admin/,
    ]) {
      assert.match(stdout, part);
    }
    assert.doesNotMatch(stdout.replace(/sol activate\n[^]*?\n# /, ""), /\u001b/, "colours outside a terminal");
  });

  test("says what to install without ipmitool and curl, and shows the rest", async () => {
    const programs = temporaryFolder();
    for (const name of ["env", "sh", "cat", "script"]) {
      const { stdout } = await run("sh", ["-c", 'command -v "$0"', name]);
      symlinkSync(stdout.trim(), path.join(programs, name));
    }
    symlinkSync(process.execPath, path.join(programs, "node"));
    const { code, stdout, stderr } = await run(demo[0], demo.slice(1), { env: { ...env, PATH: programs } });
    assert.deepEqual([code, stderr], [0, ""], stdout);
    assert.match(stdout, /apt install ipmitool[^]*power on, and now it is on\n[^]*apt install curl/);
    assert.match(stdout, /\$ vbmc media insert [^]*\$ vbmc console vm-02[^]*CD\/DVD: RESCUE[^]*rescue login: root/);
  });

  // While vCenter, daemon, BMCs and console are being started, and when they run.
  for (const moment of ["$ cat", "$ vbmcd", "$ vbmc start", "sol activate", "rescue login: "]) {
    const isEarly = moment.startsWith("$");
    test(`Ctrl-C after "${moment}" leaves nothing behind`, { skip: isEarly ? false : skip }, async () => {
      const terminal = onTerminal();
      await terminal.shows(moment);
      terminal.type("\x03");
      assert.equal(await terminal.ended, 130, terminal.output());
      assert.doesNotMatch(terminal.output(), /failed|cleaning up/);
    });
  }

  test("a reader that goes away ends it, and leaves nothing behind", async () => {
    const line = `'${demo.join("' '")}' | head -n 3`;
    const { code } = await run("sh", ["-c", line], { env });
    assert.equal(code, 0);
    await patiently(
      (async () => {
        while (files().length > 0) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      })(),
      () => "the folder of the demo is not removed",
    );
  });

  test("--keep leaves it running, and each line that it prints can be typed", { skip }, async () => {
    const terminal = onTerminal("--keep");
    await terminal.shows("Running until Ctrl-C.");
    await terminal.shows("the page, as admin with password password");
    await terminal.shows("https://");
    await terminal.shows("\n");
    const printed = terminal.output().replaceAll("\r", "").split("first:\n").at(-1) ?? "";
    const [change = "", exports = "", ...lines] = printed.split("\n").filter((line) => /^[^#]/.test(line));
    const page = lines.pop() ?? "";
    const typed = [...lines.filter((line) => !/sol activate|vbmc console/.test(line)), `curl -fsSk ${page}`];
    assert.ok(typed.length >= 9, printed);
    for (const line of typed) {
      const outcome = await run("sh", ["-c", `${change} && ${exports} && ${line}`]);
      assert.equal(outcome.code, 0, `${line}: ${outcome.stdout}${outcome.stderr}`);
    }
    terminal.type("\x03");
    assert.equal(await terminal.ended, 0);
  });
});

/** Command lines of the processes that have a folder in their environment. */
function commandsWithin(folder: string): readonly string[] {
  const read = (pid: string, name: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, "utf8").replaceAll("\0", " ");
    } catch {
      return ""; // it has ended
    }
  };
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && read(pid, "environ").includes(folder))
    .map((pid) => read(pid, "cmdline"));
}
