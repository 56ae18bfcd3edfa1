/** The package as its users get it: packed, and installed into an empty prefix on a machine without build tools. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, describe, test } from "node:test";

import { peer } from "../support/peer.js";
import { freeTcpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { inRepository, repository } from "../support/repository.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const root = temporaryFolder();
const bin = path.join(root, "bin");
const prefix = path.join(root, "prefix");
const npm = realpathSync(path.join(path.dirname(process.execPath), "npm"));

interface PackageJson {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

const packageJson = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8")) as PackageJson;

function runNpm(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  return run(process.execPath, [npm, ...args], { env });
}

/** Nothing but Node, a shell and what npm's own shims need. */
function poorEnvironment(): NodeJS.ProcessEnv {
  mkdirSync(bin, { recursive: true });
  symlinkSync(process.execPath, path.join(bin, "node"));
  for (const tool of ["sh", "env"]) {
    symlinkSync(path.join("/bin", tool), path.join(bin, tool));
  }
  // Where packages come from, and the cache that spares fetching them twice, are the machine's business.
  const npmSettings = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_|NPM_CONFIG_|SSL_|NODE_EXTRA_)/.test(name),
  );
  return { ...Object.fromEntries(npmSettings), HOME: process.env["HOME"], PATH: bin };
}

test("a Node that is too old is named, with the one that is needed", async () => {
  const older = path.join(root, "older.cjs");
  writeFileSync(older, 'Object.defineProperty(process.versions, "node", { value: "18.19.1" });\n');
  const { code, stdout, stderr } = await run(process.execPath, [
    "--require",
    older,
    inRepository("bin/vbmc.js"),
    "list",
  ]);
  const { node: needed } = packageJson["engines"] as { node: string };
  const text = `vbmc needs Node.js ${needed.replace(">=", "")} or later; ${process.execPath} is 18.19.1\n`;
  assert.deepEqual([code, stdout, stderr], [1, "", text]);
});

describe("the packed package", () => {
  let files: readonly string[];
  let tarball: string;
  let installed: Outcome;
  const env = poorEnvironment();

  before(async () => {
    // The build that is being tested is packed as it is: prepack would replace it under the tests that run beside us.
    const packed = await run(
      process.execPath,
      [npm, "pack", repository, "--ignore-scripts", "--json", "--pack-destination", root],
      { env },
    );
    assert.equal(packed.code, 0, packed.stderr);
    const [summary] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
    files = summary.files.map((file) => file.path);
    tarball = path.join(root, summary.filename);
    installed = await runNpm(
      ["install", "--global", "--prefix", prefix, "--prefer-offline", "--no-audit", "--no-fund", tarball],
      env,
    );
  });

  test("holds what is run and what is read, and nothing of the development", () => {
    for (const name of [
      "package.json",
      "README.md",
      "LICENSE",
      "CHANGELOG.md",
      "bin/vbmc.js",
      "dist/bundle/process/daemon/main.js",
      "dist/bundle/LICENSES.txt",
    ]) {
      assert.ok(files.includes(name), name);
    }
    for (const folder of ["docs/", "deploy/"]) {
      assert.ok(
        files.some((name) => name.startsWith(folder)),
        folder,
      );
    }
    const unwanted = files.filter((name) =>
      /\.(ts|map|test\.js)$|^(src|test|bench|scripts|\.)|dist\/(src|test|bench)/.test(name),
    );
    assert.deepEqual(unwanted, []);
  });

  test("says what a registry and its readers want to know", () => {
    for (const key of ["description", "license", "engines", "keywords"]) {
      assert.ok(packageJson[key] !== undefined, key);
    }
    assert.equal((packageJson["scripts"] as Record<string, string>)["prepack"], "npm run build");
  });

  test("installs into an empty prefix without build tools, and gives all four commands", async () => {
    assert.equal(installed.code, 0, installed.stderr);
    assert.deepEqual(readdirSync(path.join(prefix, "bin")).sort(), ["vbmc", "vbmcd", "vsbmc", "vsbmcd"]);
    for (const [command, expected] of [
      ["vbmc", `vbmc ${packageJson.version}`],
      ["vsbmc", `vsbmc ${packageJson.version}`],
      ["vbmcd", packageJson.version],
      ["vsbmcd", packageJson.version],
    ] as const) {
      const { code, stdout, stderr } = await run(path.join(prefix, "bin", command), ["--version"], { env });
      assert.deepEqual([code, stdout.split("\n")[0], stderr], [0, expected, ""], command);
    }
  });

  test(
    "brings its manual: `man` finds the pages of all four commands and of both files beside them",
    peer("man-db", () => isCommand("man") && isCommand("groff")),
    async () => {
      const readers = { PATH: `${path.join(prefix, "bin")}:/usr/bin:/bin`, LC_ALL: "C.UTF-8", MANWIDTH: "100" };
      for (const [page, expected] of [
        ["vbmc", "--sort-column <column>"],
        ["vsbmc", "--sort-column <column>"],
        ["vbmcd", "--check-config"],
        ["vsbmcd", "--check-config"],
        ["vbmc.conf", "session_timeout (default: 60)"],
        ["virtualbmc.conf", "session_timeout (default: 60)"],
      ] as const) {
        const { code, stdout, stderr } = await run("man", ["--warnings", page], { env: readers });
        assert.deepEqual([code, stderr], [0, ""], page);
        assert.ok(stdout.includes(expected), `${page} lacks ${expected}`);
      }
    },
  );

  test("is whole: the daemon comes up, answers over ZeroMQ and ends", async () => {
    const home = path.join(root, "home");
    mkdirSync(path.join(home, ".vsbmc"), { recursive: true, mode: 0o700 });
    writeFileSync(path.join(home, ".vsbmc", "vbmc4vsphere.conf"), `[default]\nserver_port = ${await freeTcpPort()}\n`);
    const inHome = { ...env, HOME: home };
    const started = await run(path.join(prefix, "bin", "vsbmcd"), [], { env: inHome });
    assert.deepEqual([started.code, started.stderr], [0, ""]);
    try {
      const listed = await run(path.join(prefix, "bin", "vsbmc"), ["list", "-f", "json"], { env: inHome });
      assert.deepEqual([listed.code, listed.stdout.trim(), listed.stderr], [0, "[]", ""]);
      const again = await run(path.join(prefix, "bin", "vsbmcd"), [], { env: inHome });
      assert.match(again.stderr, /^server PID #\d+ still running\n$/);
    } finally {
      process.kill(Number(readFileSync(path.join(home, ".vsbmc", "master.pid"), "utf8")), "SIGTERM");
    }
  });
});
