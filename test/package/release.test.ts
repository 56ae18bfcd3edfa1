/** What a release is made of: tag, version and changelog that agree, and a workflow that publishes only what was verified. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { parse } from "yaml";

import { readReleaseFiles, releaseNotes } from "../../scripts/releaseNotes.js";
import { run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly needs?: readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflow = (name: string) =>
  parse(readFileSync(inRepository(".github/workflows", `${name}.yml`), "utf8")) as Workflow;
const release = workflow("release");
const stepsOf = (name: string): readonly Step[] => release.jobs[name]?.steps ?? [];
const commandsOf = (name: string): string =>
  stepsOf(name)
    .map(({ run = "" }) => run)
    .join("\n");

const changelog = "# Changelog\n\n## [1.2.3] - 2026-12-01\n\n### Added\n\n- A\n\n## [1.2.2] - 2026-11-01\n\n- B\n";

test("the notes of a release are its section of the changelog", () => {
  assert.equal(releaseNotes("v1.2.3", { version: "1.2.3", changelog }), "### Added\n\n- A\n");
});

for (const [what, tag, version, text, expected] of [
  ["another tag", "v1.2.4", "1.2.3", changelog, /^the tag v1\.2\.4 is not v1\.2\.3, the version of package\.json/],
  ["no tag", "", "1.2.3", changelog, /^the tag {2}is not v1\.2\.3/],
  ["no section", "v1.3.0", "1.3.0", changelog, /^CHANGELOG\.md has no section \[1\.3\.0\]/],
  ["a section without text", "v1.2.3", "1.2.3", "## [1.2.3] - 2026-12-01\n", /has no section \[1\.2\.3\]/],
  ["no date", "v1.2.3", "1.2.3", "## [1.2.3]\n\n- A\n", /needs a date/],
  [
    "changes that are not released",
    "v1.2.3",
    "1.2.3",
    `## [Unreleased]\n\n- C\n\n${changelog}`,
    /still has changes in \[Unreleased\]/,
  ],
] as const) {
  test(`nothing is released with ${what}`, () => {
    assert.throws(() => releaseNotes(tag, { version: version, changelog: text }), { message: expected });
  });
}

test("the checkout's version is that of the lock file, and the changelog leads with it or with what is not released", () => {
  const { version, changelog: text } = readReleaseFiles();
  const lock = JSON.parse(readFileSync(inRepository("package-lock.json"), "utf8")) as { version: string };
  assert.equal(lock.version, version);
  const [, first] = /^## \[(.+?)\]/m.exec(text) ?? [];
  assert.ok(first === "Unreleased" || first === version, first);
});

test("a wrong tag ends the script with one line", async () => {
  const script = inRepository("scripts/releaseNotes.ts");
  const { code, stdout, stderr } = await run(process.execPath, ["--import", "tsx", script, "v99.0.0"]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^the tag v99\.0\.0 is not v.*\n$/);
});

test("a release needs all that is verified and built before anything is published", () => {
  assert.deepEqual(release.on, { push: { tags: ["v*"] } });
  assert.equal(release.jobs["verify"]?.uses, "./.github/workflows/verify.yml");
  assert.ok("workflow_call" in workflow("verify").on);
  assert.deepEqual(release.jobs["image"]?.needs, ["verify", "package", "deb"]);
  assert.deepEqual(release.jobs["publish"]?.needs, ["verify", "package", "deb", "image"]);
  const tells = (name: string) => stepsOf(name).some(({ run = "" }) => /npm publish|gh release/.test(run));
  assert.deepEqual(Object.keys(release.jobs).filter(tells), ["publish"]);
});

test("the release has everything: package with provenance, image and .deb for two architectures, SBOM, checksums", () => {
  assert.match(
    commandsOf("package"),
    /release:notes -- "\$GITHUB_REF_NAME"[^]*npm run build[^]*npm pkg set repository[^]*npm pack --ignore-scripts/,
  );
  assert.match(commandsOf("package"), /npm run --silent sbom >"release\//);
  assert.match(commandsOf("publish"), /sha256sum[^]*npm publish --provenance[^]*gh release create/);
  assert.deepEqual(release.jobs["deb"]?.strategy?.matrix["runner"], ["ubuntu-24.04", "ubuntu-24.04-arm"]);
  assert.match(commandsOf("deb"), /npm run deb -- --out release\nnpm test -- test\/package\/deb\.test\.ts/);
  const build = stepsOf("image").find(({ uses }) => uses?.startsWith("docker/build-push-action"))?.with ?? {};
  assert.equal(build["platforms"], "linux/amd64,linux/arm64");
  assert.ok(existsSync(inRepository(String(build["file"]))));
});

test("each script of npm that the workflow runs exists", () => {
  const { scripts } = JSON.parse(readFileSync(inRepository("package.json"), "utf8")) as { scripts: object };
  const commands = Object.keys(release.jobs).map(commandsOf).join("\n");
  const names = [...commands.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name = ""]) => name);
  assert.ok(names.length >= 4);
  assert.deepEqual(
    names.filter((name) => !(name in scripts)),
    [],
  );
});

test("actions are pinned to a major version, and only the jobs that publish may write", () => {
  const used = Object.keys(release.jobs).flatMap((name) => stepsOf(name).flatMap(({ uses = [] }) => uses));
  assert.ok(used.length > 8);
  assert.deepEqual(
    used.filter((action) => !/^[\w-]+\/[\w-]+@v\d+/.test(action)),
    [],
  );
  assert.deepEqual(release.permissions, { contents: "read" });
  const writing = Object.entries(release.jobs).filter(([, { permissions = {} }]) =>
    Object.values(permissions).includes("write"),
  );
  assert.deepEqual(
    writing.map(([name]) => name),
    ["image", "publish"],
  );
});
