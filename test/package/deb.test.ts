/** The Debian package: built, installed, run, upgraded, removed and purged, in a private copy of this machine. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { until } from "../support/patience.js";
import { peer } from "../support/peer.js";
import { freeUdpPort } from "../support/ports.js";
import { createPrivateRoot, needsSystemd, type PrivateRoot } from "../support/privateRoot.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const folder = temporaryFolder();
const debian = peer("dpkg", () => isCommand("dpkg-deb"));
const { version, engines } = JSON.parse(readFileSync(inRepository("package.json"), "utf8")) as {
  version: string;
  engines: { node: string };
};

/** Builds it from dist/bundle as it is. @returns the file */
async function build(out: string, umask: string): Promise<string> {
  mkdirSync(out);
  const script = inRepository("scripts/deb/deb.ts");
  const command = `umask ${umask}; exec "$@"`;
  const words = ["-c", command, "sh", process.execPath, "--import", "tsx", script, "--out", out];
  const { code, stdout, stderr } = await run("sh", words);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout.trim();
}

/** The next version of a package: the same, but for the number. */
async function nextVersion(deb: string, revision: number): Promise<string> {
  const tree = path.join(folder, `next-${revision}`);
  assert.equal((await run("dpkg-deb", ["--raw-extract", deb, tree])).code, 0);
  const control = path.join(tree, "DEBIAN/control");
  writeFileSync(control, readFileSync(control, "utf8").replace(/^(Version: .*)-1$/m, `$1-${revision}`));
  const next = `${tree}.deb`;
  assert.equal((await run("dpkg-deb", ["--build", "-Znone", tree, next])).code, 0);
  return next;
}

describe("the Debian package", { skip: debian.skip }, () => {
  let deb: string;
  before(async () => {
    deb = await build(path.join(folder, "first"), "022");
  });
  const field = async (name: string): Promise<string> => (await run("dpkg-deb", ["--field", deb, name])).stdout.trim();

  test("is named and numbered as Debian does it, and depends on the Node that package.json asks for", async () => {
    const architecture = (await run("dpkg", ["--print-architecture"])).stdout.trim();
    assert.equal(path.basename(deb), `vbmc4vsphere_${version.replace("-", "~")}-1_${architecture}.deb`);
    assert.equal(await field("Architecture"), architecture);
    assert.ok((await field("Depends")).split(", ").includes(`nodejs (${engines.node.replace(">=", ">= ")})`));
  });

  test("holds what runs, belongs to root, and nothing that others may write", async () => {
    const { stdout } = await run("dpkg-deb", ["--contents", deb]);
    const entries = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/));
    assert.deepEqual(
      entries.filter(([mode = "", owner]) => owner !== "root/root" || /^[^l].......w/.test(mode)),
      [],
    );
    const names = entries.map(([, , , , , name = ""]) => name.slice(1));
    assert.deepEqual(
      names.filter((name) => /\.(map|ts)$|\/src\/|\.deb$/.test(name)),
      [],
    );
    assert.equal(names.filter((name) => name.endsWith("/addon.node")).length, 1, "for this architecture only");
  });

  test("is the same file when it is built again, whatever the umask", async () => {
    const again = await build(path.join(folder, "again"), "077");
    assert.ok(readFileSync(deb).equals(readFileSync(again)));
  });

  const skip = peer("systemd", () => isCommand("systemctl")).skip || needsSystemd;
  describe("on a machine", { skip }, () => installed(() => deb));
});

/** One after the other, on one machine. */
function installed(deb: () => string): void {
  const configuration = "/etc/virtualbmc/virtualbmc.conf";
  const unitFile = "/usr/lib/systemd/system/vbmcd.service";
  const pages = ["vbmc", "vsbmc", "vbmcd", "vsbmcd", "vbmc.conf", "virtualbmc.conf"];
  let machine: PrivateRoot;
  let versions: readonly string[];
  let port: number;
  /** Succeeds, with nothing on standard error. @returns its standard output */
  const succeeds = async (...command: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await machine.run(...command);
    assert.deepEqual([code, stderr], [0, ""], command.join(" "));
    return stdout;
  };
  before(async () => {
    const mounts = path.join(folder, "machine");
    mkdirSync(mounts);
    const packages = [deb(), await nextVersion(deb(), 2), await nextVersion(deb(), 3)];
    machine = await createPrivateRoot(mounts, "systemd");
    // With the first service systemd clears /tmp.
    await succeeds("mkdir", "/packages");
    await succeeds("cp", ...packages, "/packages");
    versions = packages.map((file) => path.join("/packages", path.basename(file)));
    port = await freeUdpPort();
  });
  after(() => machine.close());

  const exists = async (file: string): Promise<boolean> => (await machine.run("test", "-e", file)).code === 0;
  /** Where Node is no package, as in an image of Docker's library, dpkg has to be forced. */
  const install = async (file: string): Promise<Outcome> => {
    const hasNode = /^ii/.test(
      (await machine.run("dpkg-query", "--show", "--showformat=${db:Status-Abbrev}", "nodejs")).stdout,
    );
    return machine.run("dpkg", ...(hasNode ? [] : ["--force-depends"]), "--install", file);
  };
  const systemctl = async (...words: readonly string[]): Promise<string> =>
    (await machine.run("systemctl", ...words)).stdout.trim();

  test("it installs: a user, a folder of its own, a service that is enabled and runs", async () => {
    const { code, stdout, stderr } = await install(versions[0] ?? "");
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await succeeds("dpkg", "--verify", "vbmc4vsphere"), "");
    assert.match(
      await succeeds("getent", "passwd", "vbmc"),
      /^vbmc:x:\d{3}:\d{3}:[^:]*:\/var\/lib\/vbmc:\/usr\/sbin\/nologin$/m,
    );
    assert.equal(await succeeds("stat", "--format=%U:%G %a", "/var/lib/vbmc"), "vbmc:vbmc 700\n");
    assert.deepEqual(
      [await systemctl("is-enabled", "vbmcd"), await systemctl("is-active", "vbmcd")],
      ["enabled", "active"],
    );
    assert.equal((await succeeds("vbmc", "--version")).split("\n")[0], `vbmc ${version}`);
  });

  for (const [what, debianPackage, command, expected] of [
    ["man", "man-db", ["man", "--where", ...pages], /^(\/usr\/share\/man\/man\d\/[\w.]+\n){6}$/],
    ["bash", "bash", ["bash", "-c", ". /usr/share/bash-completion/completions/vbmc && complete -p vbmc"], /_vbmc/],
    ["zsh", "zsh", ["zsh", "-f", "-c", "autoload -Uz compinit && compinit -u -D && print $_comps[vbmc]"], /^_vbmc$/m],
    ["fish", "fish", ["fish", "-c", "complete --do-complete 'vbmc li'"], /^list\b/m],
    ["systemd-analyze", "systemd", ["systemd-analyze", "verify", "--man=no", unitFile], /^$/],
  ] as const) {
    test(
      `${what} finds its part of it`,
      peer(debianPackage, () => isCommand(what)),
      async () => {
        assert.match(await succeeds(...command), expected);
      },
    );
  }

  test(
    "logrotate takes its part of it",
    peer("logrotate", () => isCommand("logrotate") || isCommand("/usr/sbin/logrotate")),
    async () => {
      const { code, stderr } = await machine.run("logrotate", "--debug", "/etc/logrotate.d/vbmcd");
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^rotating pattern: \/var\/lib\/vbmc\/vbmcd\.log /m);
      assert.doesNotMatch(stderr, /^error/m);
    },
  );

  test("its daemon runs as that user; root commands it, others learn whose it is", async () => {
    const pid = await systemctl("show", "--property=MainPID", "--value", "vbmcd");
    assert.equal(await succeeds("ps", "-o", "user=", "-p", pid), "vbmc\n");
    const account = ["--viserver", "127.0.0.1", "--viserver-username", "u", "--viserver-password", "p"];
    await succeeds("vbmc", "add", "vm-01", "--address", "127.0.0.1", "--port", String(port), ...account);
    await succeeds("vbmc", "start", "vm-01");
    assert.equal(await succeeds("vbmc", "list", "-f", "value"), `vm-01 running 127.0.0.1 ${port}\n`);
    assert.equal(await succeeds("stat", "--format=%U %a", "/var/lib/vbmc/.vbmc/vm-01/config"), "vbmc 600\n");
    const stranger = await machine.run(
      "setpriv",
      "--reuid=nobody",
      "--regid=nogroup",
      "--clear-groups",
      "vbmc",
      "list",
    );
    assert.equal(stranger.code, 1);
    assert.match(stranger.stderr, /permission denied; \/var\/lib\/vbmc belongs to user \d+, and this is user 65534$/m);
  });

  test("an edited configuration is applied by a reload", async () => {
    await succeeds("sh", "-c", `echo '[ipmi]\nmax_sessions = 17' >>${configuration}`);
    await succeeds("systemctl", "reload", "vbmcd");
    assert.equal(await systemctl("is-active", "vbmcd"), "active");
  });

  test("an upgrade asks nothing, keeps configuration and BMCs, and starts them again", async () => {
    const former = await systemctl("show", "--property=MainPID", "--value", "vbmcd");
    const { code, stdout, stderr } = await install(versions[1] ?? "");
    assert.equal(code, 0, stdout + stderr);
    assert.match(await succeeds("vbmcd", "--check-config"), /^max_sessions = 17$/m);
    assert.equal(await systemctl("is-active", "vbmcd"), "active");
    assert.notEqual(await systemctl("show", "--property=MainPID", "--value", "vbmcd"), former);
    await until(
      "the BMC is back",
      async () => (await succeeds("vbmc", "list", "-f", "value")) === `vm-01 running 127.0.0.1 ${port}\n`,
    );
  });

  test("a service that was disabled stays so in an upgrade", async () => {
    await machine.run("systemctl", "disable", "--now", "vbmcd");
    const { code, stdout, stderr } = await install(versions[2] ?? "");
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(
      [await systemctl("is-enabled", "vbmcd"), await systemctl("is-active", "vbmcd")],
      ["disabled", "inactive"],
    );
    await succeeds("systemctl", "start", "vbmcd");
  });

  test("a removal ends the service, and keeps configuration and BMCs", async () => {
    await succeeds("dpkg", "--remove", "vbmc4vsphere");
    assert.equal(await systemctl("is-active", "vbmcd"), "inactive");
    assert.deepEqual(await Promise.all(["/usr/bin/vbmc", "/usr/lib/vbmc4vsphere"].map(exists)), [false, false]);
    assert.deepEqual(await Promise.all([configuration, "/var/lib/vbmc/.vbmc/vm-01/config"].map(exists)), [true, true]);
  });

  test("a purge leaves nothing but the user, and this machine never had any of it", async () => {
    await succeeds("dpkg", "--purge", "vbmc4vsphere");
    const { stdout } = await machine.run("find", "/etc", "/usr", "/var", "-xdev", "-name", "*vbmc*");
    assert.equal(stdout, "");
    assert.match(await succeeds("id", "vbmc"), /^uid=/);
    assert.equal(existsSync("/var/lib/vbmc"), false);
  });
}
