/** Texts and comments use plain English: expressions that were removed once do not come back. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import ts from "typescript";

import { inRepository, repository } from "./support/repository.js";

/** Expression → what to write instead. */
const words: readonly (readonly [RegExp, string])[] = [
  [/\bvouch(es|ed)?\b/i, "stale, unknown, trusted"],
  [/\bwhoever\b/i, "the client, the caller, anyone who, users that"],
  [/\bnobody\b(?! (else )?(types|watches))/i, "unknown, stale, no client, not … any"],
  [/\bsomebody\b(?!")/i, "a client, another user"],
  [/\banybody\b/i, "anyone"],
  [/\banew\b/i, "again, recreate, restart"],
  [/\bteller\b|\bis told\b|\bare told of\b|\bbe told of\b/i, "report, notify, log"],
  [/\bno news\b|\bnews of\b/i, "update, event"],
  [/\bat the most\b/i, "at most, maximum"],
  [/\bas good as (done|none|deleted)\b/i, "treated as, counts as"],
  [/\bmove[sd]? aside\b/i, "renamed"],
  [/\bby whose hand\b/i, "the cause, who triggered"],
  [/\bwithout a word\b/i, "by default"],
  [/\blost (their|its) worth\b/i, "became invalid"],
  [/\bgive[sn]? back\b|\bgiving back\b/i, "return, restore"],
  [/\bof its own accord\b/i, "by itself"],
  [/\bgives? way\b/i, "is replaced by, takes precedence"],
  [/\bnot foreseen\b|\bforesaw\b/i, "unexpected error"],
  [/\bis no (valid |readable )?(IPv4|MAC|UUID|URL|request|file|folder|address|number)\b/i, "is not a valid …"],
  [/\bcannot be had\b|\bis of no use\b/i, "conflicts with, is unusable"],
  [/\bhangs: it is ended\b/i, "is not responding; restarting it"],
  [/\blog-ins?\b/, "login, log in"],
  [/\bpatience\b|\bfarewell\b|\blast words\b/i, "timeout, last line"],
  [/\bone that is damaged\b/i, "a damaged one"],
  [/\bgo on for ever\b|\bfor ever\b/i, "forever"],
];

function found(text: string): string[] {
  return words.flatMap(([word, instead]) => {
    const match = word.exec(text)?.[0];
    return match === undefined ? [] : [`"${match}": ${instead}`];
  });
}

/** Comments, and the texts of strings; names of variables and literals that are data are not read. */
function textsOf(file: string): string[] {
  const source = readFileSync(file, "utf8");
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, source);
  const texts: string[] = [];
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (token === ts.SyntaxKind.CloseBraceToken) {
      token = scanner.reScanTemplateToken(false);
    }
    const text = scanner.getTokenText();
    const isComment = token === ts.SyntaxKind.SingleLineCommentTrivia || token === ts.SyntaxKind.MultiLineCommentTrivia;
    if (isComment || /^["'`}]/.test(text)) {
      texts.push(text.replace(/\s*\n\s*\* ?/g, " "));
    }
  }
  return texts;
}

function filesIn(folder: string, name: RegExp): string[] {
  return existsSync(inRepository(folder))
    ? readdirSync(inRepository(folder), { recursive: true, encoding: "utf8" })
        .filter((file) => name.test(file))
        .map((file) => path.join(folder, file))
    : [];
}

describe("plain English", () => {
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    ...filesIn("docs", /\.md$/),
    ...filesIn("man", /\.\d$/),
  ];
  for (const file of pages) {
    test(file, () => {
      assert.deepEqual(found(readFileSync(inRepository(file), "utf8")), []);
    });
  }

  for (const room of readdirSync(path.join(repository, "src"))) {
    test(`comments and texts of src/${room}`, () => {
      const all = filesIn(path.join("src", room), /\.ts$/).flatMap((file) =>
        textsOf(inRepository(file)).flatMap((text) => found(text).map((word) => `${file}: ${word}`)),
      );
      assert.deepEqual(all, []);
    });
  }

  test("an expression of the list is found in each kind of text", () => {
    assert.deepEqual(found("a VM that nobody vouches for").length, 2);
    assert.deepEqual(found("the state is stale"), []);
  });
});
