/** Each source file says at its top what it is: a stranger knows within a minute. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { inRepository } from "./support/repository.js";

const sourceName = /\.(ts|tsx|mjs|css|sh)$/;

/** The first line that holds anything, behind the line of the interpreter. */
function firstLine(text: string): string {
  return text.split("\n").find((line) => line.trim() !== "" && !line.startsWith("#!")) ?? "";
}

for (const folder of ["src", "page/src", "bench", "demo", "scripts"]) {
  test(`each file of ${folder} begins with a comment that says what it is`, () => {
    const files = readdirSync(inRepository(folder), { recursive: true, encoding: "utf8" }).filter((file) =>
      sourceName.test(file),
    );
    assert.ok(files.length > 0);
    const without = files.filter(
      (file) => !/^(\/\*|\/\/|#)/.test(firstLine(readFileSync(inRepository(path.join(folder, file)), "utf8"))),
    );
    assert.deepEqual(without, [], "write a header comment: what the file is, and the section that it obeys");
  });
}
