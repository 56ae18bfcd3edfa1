/**
 *     npm run --silent release:notes -- v1.2.3
 *
 * Prints the section of CHANGELOG.md that a release announces. Fails where tag, package.json and CHANGELOG.md do not agree, so
 * that the release workflow publishes nothing.
 */
import { readFileSync } from "node:fs";

import * as v from "valibot";

import { reasonOf } from "../src/base/errors.js";
import { inRepository } from "../test/support/repository.js";

export interface ReleaseFiles {
  /** Of package.json. */
  readonly version: string;
  /** The text of CHANGELOG.md. */
  readonly changelog: string;
}

/** @throws Error with what to change */
export function releaseNotes(tag: string, { version, changelog }: ReleaseFiles): string {
  if (tag !== `v${version}`) {
    throw new Error(`the tag ${tag} is not v${version}, the version of package.json: change one of them`);
  }
  // The text before the first heading, then headings and their sections by turns.
  const [, ...parts] = changelog.split(/^## (.*)\n/m);
  const sections = parts.flatMap((heading, at) =>
    at % 2 === 0 ? [{ heading, text: (parts[at + 1] ?? "").trim() }] : [],
  );
  if (sections.some(({ heading, text }) => heading === "[Unreleased]" && text !== "")) {
    throw new Error(`CHANGELOG.md still has changes in [Unreleased]: rename that section to [${version}] - YYYY-MM-DD`);
  }
  const own = sections.find(({ heading }) => heading.startsWith(`[${version}]`));
  if (own === undefined || own.text === "") {
    throw new Error(`CHANGELOG.md has no section [${version}] - YYYY-MM-DD`);
  }
  if (!/^\[[^\]]+\] - \d{4}-\d\d-\d\d$/.test(own.heading)) {
    throw new Error(`CHANGELOG.md: the heading "${own.heading}" needs a date: [${version}] - YYYY-MM-DD`);
  }
  return `${own.text}\n`;
}

/** @returns those of this checkout */
export function readReleaseFiles(): ReleaseFiles {
  const { version } = v.parse(
    v.object({ version: v.string() }),
    JSON.parse(readFileSync(inRepository("package.json"), "utf8")),
  );
  return { version, changelog: readFileSync(inRepository("CHANGELOG.md"), "utf8") };
}

if (process.argv[1] === import.meta.filename) {
  try {
    process.stdout.write(releaseNotes(process.argv[2] ?? "", readReleaseFiles()));
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}
