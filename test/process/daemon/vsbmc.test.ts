/** Who comes from 0.1 to 0.3 of the original: `vsbmcd` and `vsbmc` with what is in ~/.vsbmc (issue I4). */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { until } from "../../support/patience.js";
import { freeTcpPort, freeUdpPort } from "../../support/ports.js";
import { type Outcome, run } from "../../support/programs.js";
import { repository } from "../../support/repository.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const bin = path.join(repository, "bin");

function createHome() {
  const folder = temporaryFolder();
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: folder, VIRTUALBMC_CONFIG: "", VBMC4VSPHERE_CONFIG: "" };
  return {
    folder,
    env,
    write: (file: string, text: string): string => {
      const target = path.join(folder, file);
      mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
      writeFileSync(target, text);
      return target;
    },
    run: (program: string, ...args: string[]): Promise<Outcome> =>
      run(process.execPath, [path.join(bin, `${program}.js`), ...args], { env }),
    /** Ends the daemon whose pid file this is. */
    end: async (pidFile: string): Promise<void> => {
      const pid = Number(readFileSync(path.join(folder, pidFile), "utf8"));
      process.kill(pid, "SIGTERM");
      await until("the daemon removes its pid file", () => !existsSync(path.join(folder, pidFile)));
    },
  };
}

/** As the original 0.3 writes it. */
function bmcFile(vmName: string, port: number, further = ""): string {
  return `[VirtualBMC]\nvm_name = ${vmName}\nusername = admin\npassword = password\nport = ${port}\naddress = 127.0.0.1\n${further}\n`;
}

test("vsbmcd and vsbmc serve ~/.vsbmc by its own settings, as the original does", async () => {
  const home = createHome();
  home.write(".vsbmc/vbmc4vsphere.conf", `[default]\nserver_port = ${await freeTcpPort()}\n`);
  const port = await freeUdpPort();
  home.write(".vsbmc/Test-01/config", bmcFile("test01", port, "active = True\n"));
  assert.deepEqual(await home.run("vsbmcd", "--fore", "--vers"), { ...(await home.run("vbmcd", "--version")) });
  assert.deepEqual(await home.run("vsbmcd"), { code: 0, stdout: "", stderr: "" });
  assert.equal((await home.run("vsbmc", "start", "Test-01")).stderr, "");
  assert.equal((await home.run("vsbmc", "list", "-f", "value")).stdout, `test01 running 127.0.0.1 ${port}\n`);
  assert.ok(existsSync(path.join(home.folder, ".vsbmc/master.pid")));
  assert.ok(!existsSync(path.join(home.folder, ".vbmc")));
  await home.end(".vsbmc/master.pid");
});

test("VBMC4VSPHERE_CONFIG names the settings of vsbmcd and vsbmc", async () => {
  const home = createHome();
  const folder = path.join(home.folder, "bmcs");
  const port = await freeTcpPort();
  const file = home.write("own.conf", `[default]\nserver_port = +${port}\nconfig_dir = ${folder}\n`);
  home.env["VBMC4VSPHERE_CONFIG"] = file;
  const { stdout, stderr } = await home.run("vsbmcd", "--check-config");
  assert.equal(stderr, "");
  assert.match(
    stdout,
    new RegExp(
      `^config_dir = ${folder}\\npid_file = ${home.folder}/\\.vsbmc/master\\.pid\\nserver_port = ${port}$`,
      "m",
    ),
  );
  home.env["VBMC4VSPHERE_CONFIG"] = "/nowhere";
  assert.match(
    (await home.run("vsbmcd", "--check-config")).stderr,
    /^vsbmcd: warning: VBMC4VSPHERE_CONFIG names \/nowhere, which does not exist\n/,
  );
});

test("texts name the program that was called", async () => {
  const home = createHome();
  const port = await freeTcpPort();
  home.write(".vsbmc/vbmc4vsphere.conf", `[default]\nserver_port = ${port}\n`);
  assert.match((await home.run("vsbmc", "--version")).stdout, /^vsbmc \d/);
  assert.match(
    (await home.run("vsbmc", "lst")).stderr,
    /^vsbmc: 'lst' is not a vsbmc command\. See 'vsbmc --help'\.\n/,
  );
  assert.match((await home.run("vsbmc", "add")).stderr, /^usage: vsbmc add /);
  assert.match(
    (await home.run("vsbmcd", "--bogus")).stderr,
    /^usage: vsbmcd .*\nvsbmcd: error: unrecognized arguments: --bogus\n$/,
  );
  assert.equal(
    (await home.run("vsbmc", "list")).stderr,
    `Failed to connect to the vsbmcd server on port ${port}, error: Connection refused. Start the daemon with: vsbmcd\n`,
  );
});

test("vbmcd with no BMC of its own says where some are, and with which command they are taken over", async () => {
  const home = createHome();
  home.write(
    ".vbmc/virtualbmc.conf",
    `[default]\nserver_port = ${await freeTcpPort()}\n[log]\nlogfile = ${home.folder}/log\n`,
  );
  home.write(".vsbmc/Test-01/config", bmcFile("test01", 6230));
  const { folder } = home;
  const hint = `there is no BMC in ${folder}/.vbmc, and one in ${folder}/.vsbmc: vsbmcd can serve them as they are, or import them with: vbmc import --from-vsbmc ${folder}/.vsbmc`;
  assert.deepEqual(await home.run("vbmcd"), { code: 0, stdout: "", stderr: `vbmcd: warning: ${hint}\n` });
  assert.ok(readFileSync(path.join(folder, "log"), "utf8").includes(hint));
  assert.equal((await home.run("vbmc", "list")).stderr, `warning: ${hint}\n`);
  assert.equal((await home.run("vbmc", "import", "--from-vsbmc")).code, 0);
  assert.deepEqual(await home.run("vbmc", "list", "-f", "value"), {
    code: 0,
    stdout: "test01 down 127.0.0.1 6230\n",
    stderr: "",
  });
  await home.end(".vbmc/master.pid");
});

test("settings of the other name are not passed over in silence", async () => {
  const home = createHome();
  const file = home.write(".vsbmc/vbmc4vsphere.conf", "[default]\nserver_port = 50999\n");
  const { stderr } = await home.run("vbmcd", "--check-config");
  const own = path.join(home.folder, ".vbmc/virtualbmc.conf");
  assert.equal(
    stderr,
    `vbmcd: warning: ${file} is for vsbmc and vsbmcd, and is not read; the settings of vbmcd are in ${own}\n`,
  );
});
