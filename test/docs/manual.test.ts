/** The pages that are made of the program's own definitions: they are up to date, whole, and can be read. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import { daemonOptions, helpOf } from "../../src/process/daemon/options.js";
import { configKeys } from "../../src/settings/config/schema.js";
import { bmcKeys } from "../../src/settings/store/bmcKeys.js";
import { vbmc } from "../cli/commandRun.js";
import { escaped } from "../support/manual/roff.js";
import { peer } from "../support/peer.js";
import { isCommand, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { madePages } from "../support/writeDocs.js";

const pages = madePages();
const nameOf = (file: string): string => path.basename(file);
const manuals = [...pages].filter(([file]) => /\.[1-8]$/.test(file));
const manual = (name: string): string => manuals.find(([file]) => nameOf(file) === name)?.[1] ?? "";

/** The flags of --help: `-f, --format` and the like. */
function flagsOf(help: string): string[] {
  return [...help.matchAll(/^ {2}((?:-\w, )?--[\w-]+)/gm)].map(([, flags = ""]) => flags);
}

for (const [file, text] of pages) {
  test(`${nameOf(file)} is what the definitions make it: else run \`npm run docs\``, () => {
    assert.equal(readFileSync(file, "utf8"), text);
  });
}

for (const [file, text] of manuals.filter(([, page]) => !page.startsWith(".so "))) {
  test(
    `${nameOf(file)} is set by groff without a warning`,
    peer("groff-base", () => isCommand("groff")),
    async () => {
      const { code, stdout, stderr } = await run("groff", ["-man", "-ww", "-Tutf8", file]);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.ok(stdout.length > text.length / 2);
    },
  );
}

test("the alias of a page names one that there is", () => {
  const aliases = manuals.filter(([, text]) => text.startsWith(".so "));
  assert.equal(aliases.length, 3);
  for (const [file, text] of aliases) {
    const [, section = "", target = ""] = /^\.so man(\d)\/(.*)\n$/.exec(text) ?? [];
    assert.ok(file.endsWith(`.${section}`) && target.endsWith(`.${section}`), file);
    assert.notEqual(manual(target), "", file);
  }
});

test("package.json gives npm every page to link", () => {
  const file = inRepository("package.json");
  const { man } = JSON.parse(readFileSync(file, "utf8")) as { man: string[] };
  assert.deepEqual(man.toSorted(), manuals.map(([each]) => `man/${nameOf(each)}`).toSorted());
});

describe("vbmc(1)", () => {
  const page = manual("vbmc.1");
  const [before = "", ...sections] = page.split(/(?=^\.S[HS] )/m);
  const sectionOf = (title: string): string =>
    sections.find((section) => new RegExp(`^\\.S[HS] "${title}[ "]`).test(section)) ?? "";

  test("has every option of the program and of each command that --help shows", async () => {
    assert.ok(before.includes(".TH"));
    const { stdout } = await vbmc(["--help"]);
    const commands = [...(/^Commands:\n(.*)/ms.exec(stdout)?.[1] ?? "").matchAll(/^ {2}(\w+)/gm)].map(
      ([, name]) => name,
    );
    assert.ok(commands.length > 15 && commands.includes("events"));
    for (const flags of flagsOf(stdout)) {
      assert.ok(sectionOf("OPTIONS").includes(escaped(flags)), flags);
    }
    for (const command of commands) {
      const own = sectionOf(`vbmc ${command}`);
      const all = own.includes("output options below") ? own + sectionOf("OUTPUT OPTIONS") : own;
      const help = await vbmc([command ?? "", "--help"]);
      for (const flags of flagsOf(help.stdout).filter((each) => each !== "-h, --help")) {
        assert.ok(all.includes(`\\fB${escaped(flags)}\\fR`), `${command} ${flags}`);
      }
    }
  });
});

test("vbmcd(8) has every option of vbmcd --help, and the signals", () => {
  const page = manual("vbmcd.8");
  assert.equal(flagsOf(helpOf("vbmcd")).length, daemonOptions.length);
  for (const flags of flagsOf(helpOf("vbmcd"))) {
    assert.ok(page.includes(`\\fB${escaped(flags)}\\fR`), flags);
  }
  assert.ok(page.includes("SIGHUP"));
});

test("vbmc.conf(5) has every key of virtualbmc.conf, with its default, and every key of a BMC's file", () => {
  const page = manual("vbmc.conf.5");
  for (const keys of Object.values(configKeys)) {
    for (const key of Object.keys(keys)) {
      assert.ok(page.includes(`\n\\fB${escaped(key)}\\fR (default: `), key);
    }
  }
  assert.ok(page.includes("\\fBsession_timeout\\fR (default: 60)\n"));
  for (const key of Object.keys(bmcKeys)) {
    assert.ok(page.includes(`\n\\fB${escaped(key)}\\fR\n`), key);
  }
});
