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
  [/(?<!=)\bnobody\b(?! (else )?(types|watches))/i, "unknown, stale, no client, not … any"],
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
  [
    /(?<!there )\bis no (valid |readable )?(IPv4|MAC|UUID|URL|request|file|folder|address|number)\b/i,
    "is not a valid …",
  ],
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

/** Comments, and the texts of strings and of JSX; names of variables and of modules are not read. */
function textsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source);
    if (children.length === 0) {
      for (const { pos, end } of commentsAt(text, node.getFullStart())) {
        texts.push(text.slice(pos, end).replace(/\s*\n\s*\* ?/g, " "));
      }
    }
    if ((ts.isStringLiteral(node) && !isModuleName(node)) || ts.isTemplateLiteralToken(node) || ts.isJsxText(node)) {
      texts.push(node.getText(source));
    }
    children.forEach(visit);
  };
  visit(source);
  return texts;
}

function commentsAt(text: string, position: number): readonly ts.CommentRange[] {
  return [
    ...(ts.getTrailingCommentRanges(text, position) ?? []),
    ...(ts.getLeadingCommentRanges(text, position) ?? []),
  ];
}

function isModuleName({ parent }: ts.StringLiteral): boolean {
  return ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent);
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
    "CHANGELOG.md",
    ...filesIn("docs", /\.md$/),
    ...filesIn("man", /\.\d$/),
  ];
  for (const file of pages) {
    test(file, () => {
      assert.deepEqual(found(readFileSync(inRepository(file), "utf8")), []);
    });
  }

  const folders = [
    ...readdirSync(path.join(repository, "src")).map((room) => `src/${room}`),
    ...readdirSync(path.join(repository, "test"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `test/${name}`),
    ...["bench", "demo", "scripts", "page/src"],
  ];
  for (const folder of folders) {
    test(`comments and texts of ${folder}`, () => {
      const all = filesIn(folder, /\.(ts|tsx|mjs)$/).flatMap((file) =>
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
