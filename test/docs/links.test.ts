/** Links between the pages: the file is there, and so is the heading; and paths that the pages name. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import { inRepository } from "../support/repository.js";

const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"],
  ...readdirSync(inRepository("docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** Targets of `[text](target)`, of `![text](target)` and of `[name]: target`, outside code. */
function linksOf(page: string): readonly string[] {
  const text = withoutCode(page);
  const inline = [...text.matchAll(/\]\(([^()\s]+(?:\([^()]*\))?[^()\s]*)\)/g)];
  const references = [...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)];
  return [...inline, ...references].map(([, target = ""]) => target);
}

function withoutCode(page: string): string {
  return page.replace(/^( *)```[^]*?^\1```$/gm, "").replace(/`[^`]*`/g, "code");
}

/** As GitHub makes them: letters, digits, hyphens and underscores of the heading, in lower case. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = page.replace(/^( *)```[^]*?^\1```$/gm, "").matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/\s/g, "-"),
    ),
  );
}

function fault(page: string, target: string): string | undefined {
  if (/^(https?|mailto):/.test(target)) {
    return undefined;
  }
  const [file = "", anchor] = target.split("#");
  const linked = file === "" ? page : path.join(path.dirname(page), file);
  if (!existsSync(inRepository(linked))) {
    return `${target}: there is no such file`;
  }
  return anchor === undefined || anchorsOf(readFileSync(inRepository(linked), "utf8")).has(anchor)
    ? undefined
    : `${target}: there is no such heading`;
}

describe("every link of the pages leads to a file and a heading", () => {
  for (const page of pages) {
    test(page, () => {
      const faults = linksOf(readFileSync(inRepository(page), "utf8")).map((target) => fault(page, target));
      assert.deepEqual(
        faults.filter((text) => text !== undefined),
        [],
      );
    });
  }

  for (const page of pages) {
    test(`${page} names files that are there`, () => {
      const text = readFileSync(inRepository(page), "utf8");
      const named = text.matchAll(/(?<![\w./])(?:src|test|deploy|scripts|bench|demo|docs)\/[\w./-]*\w/g);
      assert.deepEqual(
        [...named].map(([file]) => file).filter((file) => !existsSync(inRepository(file))),
        [],
      );
    });
  }

  test("each page of docs is linked from README", () => {
    const linked = new Set(
      linksOf(readFileSync(inRepository("README.md"), "utf8")).map((target) => target.split("#")[0]),
    );
    assert.deepEqual(
      pages.filter((page) => page.startsWith("docs/") && !linked.has(page)),
      [],
    );
  });

  test("a file or a heading that is not there is found", () => {
    assert.equal(fault("docs/cli.md", "nothing.md"), "nothing.md: there is no such file");
    assert.equal(fault("docs/cli.md", "console.md#nothing"), "console.md#nothing: there is no such heading");
    assert.equal(fault("README.md", "docs/security.md#the-vsphere-account"), undefined);
    assert.deepEqual(linksOf("`[code](no)` [a](b.md#c)\n\n[d]: e.md\n"), ["b.md#c", "e.md"]);
  });
});
