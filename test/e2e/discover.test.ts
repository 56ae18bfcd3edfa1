/** `vbmc discover` lists the VMs that an account sees (issue G). */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";

import { type Simulator, startSimulator } from "../../src/simulator/index.js";
import { until } from "../support/patience.js";
import { freeTcpPort, freeUdpPort } from "../support/ports.js";
import { type Outcome, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { type Daemon, startDaemon } from "../support/stack.js";
import { startVcsim, vcsimPeer } from "../support/vcsim.js";

const account = { username: "vbmc@vsphere.local", password: "vC3nter-Secret" };

let daemon: Daemon;
let simulator: Simulator;

before(async () => {
  simulator = await startSimulator({
    address: "127.0.0.1",
    port: 0,
    vms: [
      { name: "lab-01", powerState: "poweredOn", folder: "Lab" },
      { name: "lab-02", folder: "Lab/Nested" },
      { name: "lab+03", powerState: "suspended" },
      { name: "50% a/b", powerState: "poweredOn", toolsRunning: false },
      // What no BMC can stand for is not among them.
      { name: "lab-template", template: true },
      { name: "lab-vCLS", managedBy: "com.vmware.vim.eam" },
      { name: "lab-shadow", faultToleranceRole: 2 },
    ],
    tls: true,
    ...account,
  });
  daemon = await startDaemon();
});
after(async () => {
  await daemon.close();
  await simulator.close();
});

function discover(...options: string[]): Promise<Outcome> {
  const viserver = `127.0.0.1:${simulator.port}`;
  const own = [
    "--viserver",
    viserver,
    "--viserver-username",
    account.username,
    "--viserver-password",
    account.password,
  ];
  return daemon.vbmc("discover", ...own, ...options);
}

async function names(...options: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await discover("-f", "json", ...options);
  assert.deepEqual([code, stderr], [0, ""]);
  return (JSON.parse(stdout) as { "VM name": string }[]).map((row) => row["VM name"]);
}

test("all VMs, with instance UUID, power and Tools, sorted by name", async () => {
  const uuids = Object.fromEntries([...simulator.inventory.vms.values()].map((vm) => [vm.name, vm.instanceUuid]));
  const { stdout } = await discover("-f", "json");
  assert.deepEqual(JSON.parse(stdout), [
    { "VM name": "50% a/b", "Instance UUID": uuids["50% a/b"], Power: "poweredOn", Tools: "not running" },
    { "VM name": "lab+03", "Instance UUID": uuids["lab+03"], Power: "suspended", Tools: "not running" },
    { "VM name": "lab-01", "Instance UUID": uuids["lab-01"], Power: "poweredOn", Tools: "running" },
    { "VM name": "lab-02", "Instance UUID": uuids["lab-02"], Power: "poweredOff", Tools: "not running" },
  ]);
});

for (const [options, expected] of [
  [
    ["--match", "lab-*"],
    ["lab-01", "lab-02"],
  ],
  [
    ["--match", "lab?0?"],
    ["lab+03", "lab-01", "lab-02"],
  ],
  [["--match", "lab+*"], ["lab+03"]],
  [["--match", "*a/b"], ["50% a/b"]],
  [["--match", "LAB-*"], []],
  [
    ["--folder", "Lab"],
    ["lab-01", "lab-02"],
  ],
  [["--folder", "DC0/vm/Lab/Nested/"], ["lab-02"]],
  [
    ["--folder", "/DC0/vm"],
    ["50% a/b", "lab+03", "lab-01", "lab-02"],
  ],
  [["--folder", "Lab", "--match", "*1"], ["lab-01"]],
] as const) {
  test(`${options.join(" ")} lists ${expected.length} of 4`, async () => {
    assert.deepEqual(await names(...options), expected);
  });
}

test("a folder that is not there is one line and exit code 1", async () => {
  assert.deepEqual(await discover("--folder", "Nowhere"), {
    code: 1,
    stdout: "",
    stderr:
      "(1): there is no folder Nowhere: give its name, or its path starting at the datacenter, such as Datacenter/vm/Lab\n",
  });
});

test("no session is left at the vCenter, and a BMC's session is used where there is one", async () => {
  await names();
  await until("the session is closed", () => simulator.sessions.count() === 0);
  const port = await freeUdpPort();
  const own = ["--viserver-username", account.username, "--viserver-password", account.password];
  await daemon.vbmc("add", "lab-01", "--viserver", `127.0.0.1:${simulator.port}`, ...own, "--port", String(port));
  await daemon.vbmc("start", "lab-01");
  await daemon.logged("connected to vCenter");
  await names();
  const logins = simulator.calls.get("Login");
  assert.equal((await names()).length, 4);
  assert.equal(simulator.calls.get("Login"), logins);
  await daemon.vbmc("delete", "lab-01");
});

test("the password comes from a file, standard input or the environment, and is never printed", async () => {
  const file = path.join(daemon.home, "password");
  await writeFile(file, `${account.password}\nnot this line\n`, { mode: 0o600 });
  const where = ["discover", "--viserver", `127.0.0.1:${simulator.port}`, "--viserver-username", account.username];
  const bin = inRepository("bin/vbmc.js");
  const vbmc = (args: readonly string[], input = "", env: NodeJS.ProcessEnv = {}): Promise<Outcome> =>
    run(process.execPath, [bin, ...where, ...args], { input, env: { ...daemon.env, ...env } });
  for (const outcome of [
    await vbmc(["--viserver-password-file", file]),
    await vbmc(["--viserver-password-file", "-"], account.password),
    await vbmc([], "", { VBMC_VISERVER_PASSWORD: account.password }),
  ]) {
    assert.deepEqual([outcome.code, outcome.stderr], [0, ""]);
    assert.match(outcome.stdout, /lab-01/);
  }
  const none = await vbmc([]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /^usage: [^]*\nvbmc discover: error: argument --viserver-password: needed to log in\n$/);
  const missing = await vbmc(["--viserver-password-file", "/nonexistent/file"]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^--viserver-password-file: \/nonexistent\/file cannot be read: ENOENT/);
  const wrong = await vbmc([], "", { VBMC_VISERVER_PASSWORD: "wr0ng-Secret" });
  assert.equal(wrong.code, 1);
  assert.match(
    wrong.stderr,
    /^\(1\): 127.0.0.1:\d+ refuses the login of vbmc@vsphere.local: check user name and password of the viserver account\n$/,
  );
  assert.ok(!`${wrong.stderr}${daemon.log()}`.includes("Secret"));
});

test("a vCenter that does not answer is one line and exit code 1", async () => {
  const port = await freeTcpPort();
  const outcome = await discover("--viserver", `127.0.0.1:${port}`);
  assert.deepEqual(outcome, {
    code: 1,
    stdout: "",
    stderr: `(1): cannot reach 127.0.0.1 port ${port}: ECONNREFUSED\n`,
  });
  const bad = await discover("--viserver", "https://vcenter.example/sdk");
  assert.match(bad.stderr, /is not a valid vCenter address: use host, host:port/);
});

test("the VMs of govmomi's simulator, an ESXi host's too", { skip: vcsimPeer.skip }, async () => {
  for (const [esx, expected] of [
    [false, ["DC0_C0_RP0_VM0", "DC0_H0_VM0"]],
    [true, ["ha-host_VM0"]],
  ] as const) {
    const vcsim = await startVcsim({ vms: 1, esx, ...account });
    assert.deepEqual(await names("--viserver", new URL(vcsim.url).host), expected);
    await vcsim.close();
  }
});
