/** What the pages tell people to type is what the programs take. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import type { Command } from "commander";

import { expandAbbreviations } from "../../src/cli/abbreviations.js";
import type { CliContext } from "../../src/cli/context.js";
import { createProgram } from "../../src/cli/program.js";
import { isHelpShown } from "../../src/cli/usageError.js";
import { parseOptions } from "../../src/process/daemon/options.js";
import { vbmcPlaces } from "../../src/settings/config/places.js";
import { type ShownCommand, shownCommands } from "../support/commandLines.js";
import { repository } from "../support/repository.js";

const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...readdirSync(path.join(repository, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => path.join("docs", file)),
];
const commandsOf = (page: string): ShownCommand[] => shownCommands(readFileSync(path.join(repository, page), "utf8"));

const context: CliContext = {
  places: vbmcPlaces,
  out: () => undefined,
  error: () => undefined,
  config: () => assert.fail("nothing is run here"),
  request: () => assert.fail("nothing is run here"),
  isColoured: false,
  progress: undefined,
  terminalWidth: undefined,
};

/** Parses as `vbmc` does, and runs nothing. */
async function parse(words: readonly string[], mayLackArguments = false): Promise<void> {
  const program = createProgram(context, "0");
  for (const command of [program, ...program.commands]) {
    command.action(() => undefined);
    if (mayLackArguments) {
      command.registeredArguments.forEach((argument) => argument.argOptional());
    }
  }
  const given = withValues(program, words).map((word) => (word === "COMMAND" ? "list" : word));
  await program.parseAsync(expandAbbreviations(program, given), { from: "user" }).catch((error: unknown) => {
    if (!isHelpShown(error)) {
      throw error;
    }
  });
}

/** A `…` or `$…` that stands for a value becomes one; one that stands for more of the same, or for options, goes. */
function withValues(program: Command, words: readonly string[]): string[] {
  const options = [program, ...program.commands].flatMap((command) => command.options);
  const takesValue = (word: string | undefined): boolean =>
    options.some(({ long, required }) => required && long === word);
  return words.flatMap((word, index) => {
    if (!/^(…|\$.*)$/.test(word)) {
      return [word.replace(/…$/, "")];
    }
    return takesValue(words[index - 1]) ? ["1"] : [];
  });
}

describe("every command line of the pages is one", () => {
  for (const page of pages) {
    test(page, async () => {
      for (const { text, program, words, isMention } of commandsOf(page)) {
        if (program === "vbmcd") {
          assert.doesNotThrow(() => parseOptions(words), text);
        } else {
          await assert.doesNotReject(parse(words, isMention), `\`${text}\` is no command line of vbmc`);
        }
      }
    });
  }

  test("they are found in blocks, in pipes and in the text", () => {
    const page =
      "Use `vbmc show NAME --long`:\n\n```console\n$ export A=b\n$ vbmc discover \\\n  --match 'a b' | vbmc import - …\nvbmc prints this\n```\n\n```\nsudo -u vbmc -H vsbmcd --foreground   # vbmc\n```\n";
    assert.deepEqual(
      shownCommands(page).map(({ program, words, isMention }) => [isMention, program, ...words]),
      [
        [false, "vbmc", "discover", "--match", "a b"],
        [false, "vbmc", "import", "-", "…"],
        [false, "vbmcd", "--foreground"],
        [true, "vbmc", "show", "NAME", "--long"],
      ],
    );
    assert.ok(pages.flatMap(commandsOf).length > 80);
  });

  test("what is none is refused", async () => {
    for (const words of [
      ["shew", "NAME"],
      ["show", "--nonsense", "NAME"],
      ["list", "-f", "xml"],
      ["add", "a", "--port", "x"],
    ]) {
      await assert.rejects(parse(words), words.join(" "));
    }
    assert.throws(() => parseOptions(["--nonsense"]));
  });
});
