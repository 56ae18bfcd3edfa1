import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";

import fc from "fast-check";

import { formatIni, parseIni } from "../../../src/settings/ini/iniFile.js";
import { peer } from "../../support/peer.js";

const parse = (text: string) =>
  Object.fromEntries([...parseIni(Buffer.from(text))].map(([name, section]) => [name, Object.fromEntries(section)]));

/** What configparser makes of texts: section → key → value, or the name of its exception. */
function askPython(texts: readonly string[]): unknown[] {
  const script = `
import configparser, json, sys
def read(text):
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
        return {name: dict(parser.items(name)) for name in parser.sections()}
    except configparser.Error as error:
        return type(error).__name__
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)`;
  const output = execFileSync("/usr/bin/python3", ["-c", script], { input: JSON.stringify(texts), encoding: "utf8" });
  return JSON.parse(output) as unknown[];
}

const python = peer("python3", () => existsSync("/usr/bin/python3"));

/** Text, and what it says; every row is checked against configparser too. */
const readable: readonly (readonly [string, string, Readonly<Record<string, Readonly<Record<string, string>>>>])[] = [
  ["an inline comment sign is part of the value", "[s]\na = 1 ; x # y\n", { s: { a: "1 ; x # y" } }],
  ["full-line comments are skipped", "[s]\n# a = 1\n; b = 2\n  # c\nd = 3\n", { s: { d: "3" } }],
  ["colons delimit too, the first of both wins", "[s]\na: x=y\nb = x:y\n", { s: { a: "x=y", b: "x:y" } }],
  [
    "true and null are plain text in a file without anything else",
    "[s]\na = true\nb = null\n",
    { s: { a: "true", b: "null" } },
  ],
  ["a value ends before its trailing blanks", "[s]\na = b \nc =\n", { s: { a: "b", c: "" } }],
  ["keys are case-insensitive, values are not", "[s]\nVM_Name = Lab\n", { s: { vm_name: "Lab" } }],
  [
    "quotes, true and null are plain text",
    "[s]\na = \"q\"\nb = true\nc = null\nd = 'x'\n",
    {
      s: { a: '"q"', b: "true", c: "null", d: "'x'" },
    },
  ],
  ["brackets and dots have no meaning", "[a.b]\nk[] = 1\nx.y = 2\n", { "a.b": { "k[]": "1", "x.y": "2" } }],
  [
    "__proto__ is a key like any other",
    "[__proto__]\n__proto__ = 1\n",
    JSON.parse('{"__proto__":{"__proto__":"1"}}') as Record<string, Record<string, string>>,
  ],
  ["carriage returns and blanks go", "[s]\r\na =  x y \t\r\n", { s: { a: "x y" } }],
  ["a double percent sign is one", "[s]\na = 50%%\nb = %%(a)s\n", { s: { a: "50%", b: "%(a)s" } }],
  ["references are filled in", "[s]\na = x\nb = %(a)s-%(A)s\n", { s: { a: "x", b: "x-x" } }],
  ["indented lines continue a value", "[s]\na = 1\n  2\n\n  3\nb = 4\n", { s: { a: "1\n2\n\n3", b: "4" } }],
  ["DEFAULT is part of every section", "[DEFAULT]\na = 1\n[s]\nb = 2\n", { s: { a: "1", b: "2" } }],
  ["an empty value is empty", "[s]\na =\n", { s: { a: "" } }],
  ["backslashes stay", "[s]\na = c:\\n\\;\n", { s: { a: "c:\\n\\;" } }],
];

for (const [title, text, expected] of readable) {
  test(`reading: ${title}`, () => assert.deepEqual(parse(text), expected));
}

test("configparser reads every one of these the same", { skip: python.skip }, () => {
  assert.deepEqual(
    askPython(readable.map(([, text]) => text)),
    readable.map(([, , expected]) => expected),
  );
});

const refused: readonly (readonly [string, RegExp])[] = [
  ["a = 1\n", /line 1: text before the first \[section\]/],
  ["[s]\na = 1\nA = 2\n", /line 3: key a appears twice/],
  ["[s]\n[s]\n", /line 2: section \[s\] appears twice/],
  ["[s]\nnonsense\n", /line 2: not a "key = value" line/],
  ["[s]\n= 1\n", /line 2: not a "key = value" line/],
];

for (const [text, message] of refused) {
  test(`refused with the line: ${JSON.stringify(text)}`, () => assert.throws(() => parse(text), message));
}

test("configparser refuses them as well", { skip: python.skip }, () => {
  for (const answer of askPython(refused.map(([text]) => text))) {
    assert.equal(typeof answer, "string");
  }
});

test("bytes that are not UTF-8 are refused", () => {
  assert.throws(() => parseIni(Buffer.from([0x5b, 0x73, 0x5d, 0x0a, 0x61, 0x3d, 0xff])), /not UTF-8/);
});

test("a stray percent sign, which configparser refuses, stands for itself", () => {
  assert.deepEqual(parse("[s]\na = 50%\nb = %(nothing)s\n"), { s: { a: "50%", b: "%(nothing)s" } });
});

test("a circle of references ends", () => {
  assert.equal(typeof parse("[s]\na = %(b)s\nb = %(a)s\n")["s"]?.["a"], "string");
});

test("a section is written as configparser writes it", () => {
  assert.equal(
    formatIni(
      "VirtualBMC",
      new Map([
        ["vm_name", "a;b"],
        ["password", "50%"],
      ]),
    ),
    "[VirtualBMC]\nvm_name = a;b\npassword = 50%%\n\n",
  );
});

test("what cannot be said is refused", () => {
  assert.throws(() => formatIni("s", new Map([["a", "x\ny = 1"]])), /line breaks/);
  for (const key of ["a=b", "a:b", "[a", "#a", " a", "A", ""]) {
    assert.throws(() => formatIni("s", new Map([[key, "x"]])), /cannot be a key/, key);
  }
});

const anyValue = fc.string({ unit: "grapheme", maxLength: 30 }).filter((text) => !/[\n\r]/.test(text));
const anySection = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), anyValue);

test("whatever is written reads the same here", () => {
  fc.assert(
    fc.property(anySection, (values) => {
      delete values["empty"];
      assert.deepEqual(parse(formatIni("s", new Map(Object.entries(values))))["s"] ?? {}, { ...values });
    }),
  );
});

test("whatever is written reads the same in configparser, ends with blanks included", { skip: python.skip }, () => {
  const samples = fc.sample(anySection, 300).concat([
    { a: " lead", b: "trail ", c: " ", d: "%(a)s", e: "\t%" },
    { a: "名前", b: '"' },
  ]);
  const answers = askPython(samples.map((values) => formatIni("s", new Map(Object.entries(values)))));
  for (const [index, values] of samples.entries()) {
    const read = (answers[index] as Record<string, Record<string, string>>)["s"] ?? {};
    delete read["empty"];
    delete values["empty"];
    assert.deepEqual({ ...read }, { ...values });
  }
});

test("a file as `vbmc` writes it is read like any other, whatever its values hold", () => {
  const key = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
  const value = fc.oneof(
    fc.stringMatching(/^[ -~]{0,12}$/),
    fc.constantFrom("", "true", "True", "null", "[]", "a = b", "x =", "a;b", "%%", "%(a)s", "'q'", '"q"', "\\;", "é"),
  );
  const file = fc.array(fc.tuple(key, value), { maxLength: 6 });
  const outcomeOf = (text: string): unknown => {
    try {
      return parse(text);
    } catch (error) {
      return (error as Error).message.replace(/^line \d+/, "");
    }
  };
  fc.assert(
    fc.property(fc.constantFrom("VirtualBMC", "s", "S1", "DEFAULT", "a.b", "__proto__"), file, (section, lines) => {
      const text = `[${section}]\n${lines.map(([name, content]) => `${name} = ${content}\n`).join("")}`;
      // Only a file without comments takes the short way.
      assert.deepEqual(outcomeOf(text), outcomeOf(`${text}# comment\n`));
    }),
    { numRuns: 500 },
  );
});
