/** `vbmc check` finds what is wrong with a BMC, step by step, and says what to do (issue G). */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { openClientSession } from "../../src/protocol/client/clientSession.js";
import { type Simulator, startSimulator } from "../../src/simulator/index.js";
import { until } from "../support/patience.js";
import { freeTcpPort, freeUdpPort } from "../support/ports.js";
import type { Outcome } from "../support/programs.js";
import { type Daemon, startDaemon } from "../support/stack.js";
import { startVcsim, vcsimPeer } from "../support/vcsim.js";

const account = { username: "vbmc@vsphere.local", password: "vC3nter-Secret" };
const bmcPassword = "bMc-Secret";

let daemon: Daemon;
let simulator: Simulator;

before(async () => {
  simulator = await startSimulator({
    address: "127.0.0.1",
    port: 0,
    vms: [
      { name: "lab-01", powerState: "poweredOn" },
      { name: "lab-02" },
      { name: "twin", folder: "A" },
      { name: "twin", folder: "B" },
      { name: "bare", powerState: "poweredOn", toolsRunning: false },
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

async function addBmc(name: string, ...options: string[]): Promise<number> {
  const port = await freeUdpPort();
  const all = {
    "--viserver": `127.0.0.1:${simulator.port}`,
    "--viserver-username": account.username,
    "--viserver-password": account.password,
    "--password": bmcPassword,
    "--address": "127.0.0.1",
    "--port": String(port),
    ...Object.fromEntries(options.map((option) => option.split("=", 2) as [string, string])),
  };
  const added = await daemon.vbmc("add", name, ...Object.entries(all).flat());
  assert.deepEqual(added, { code: 0, stdout: "", stderr: "" });
  return port;
}

async function addRunningBmc(name: string, ...options: string[]): Promise<number> {
  const port = await addBmc(name, ...options);
  assert.deepEqual(await daemon.vbmc("start", name), { code: 0, stdout: "", stderr: "" });
  return port;
}

interface Row {
  readonly "VM name": string;
  readonly Step: string;
  readonly Status: string;
  readonly Detail: string;
}

async function check(...names: string[]): Promise<Outcome & { rows: readonly Row[]; of: (step: string) => Row }> {
  const outcome = await daemon.vbmc("check", ...names, "-f", "json");
  const rows = JSON.parse(outcome.stdout) as Row[];
  const of = (step: string): Row => {
    const row = rows.find(({ Step }) => Step === step);
    assert.ok(row, `there is a row for ${step}`);
    return row;
  };
  return { ...outcome, rows, of };
}

function statuses(rows: readonly Row[]): string {
  return rows.map(({ Status }) => Status).join(" ");
}

async function removing(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await daemon.vbmc("delete", name);
  }
}

test("a BMC that works passes eleven steps, exit code 0, and the one open session serves the check", async () => {
  const port = await addRunningBmc("lab-01");
  await removing("lab-01", async () => {
    const first = await check();
    const logins = simulator.calls.get("Login");
    const { code, stderr, rows, of } = await check("lab-01");
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.deepEqual(
      rows.map(({ Step, Status }) => `${Step}: ${Status}`),
      [
        "configuration: ok",
        "port: ok",
        "IPMI login: ok",
        "vCenter: ok",
        "certificate: ok",
        "vCenter login: ok",
        "virtual machine: ok",
        "power state: ok",
        "privileges: ok",
        "media: ok",
        "VMware Tools: ok",
      ],
    );
    assert.deepEqual(first.rows, rows, "without names, all BMCs that should run");
    assert.match(
      of("IPMI login").Detail,
      new RegExp(`logged in as admin at 127.0.0.1 port ${port} with cipher suite 17`),
    );
    const [lab01] = [...simulator.inventory.vms.values()];
    assert.equal(of("virtual machine").Detail, `lab-01, ${lab01?.id}, instance UUID ${lab01?.instanceUuid}`);
    assert.equal(of("power state").Detail, "poweredOn");
    assert.ok(of("certificate").Detail.includes(simulator.fingerprint ?? "none"));
    assert.equal(simulator.calls.get("Login"), logins);
  });
});

test("a BMC that is stopped is left out of a check of all, and fails when it is named", async () => {
  await addBmc("lab-02");
  await removing("lab-02", async () => {
    const all = await check();
    assert.deepEqual([all.code, statuses(all.rows)], [0, "ok skipped"]);
    const named = await check("lab-02");
    assert.equal(named.code, 1);
    assert.equal(named.stderr, "1 of 1 BMCs have failed steps\n");
    assert.equal(statuses(named.rows), "ok failed skipped ok ok ok ok ok ok ok ok", "its VM is looked at all the same");
    assert.equal(named.of("port").Detail, "it is not running: start it with vbmc start lab-02");
    await until("the session for the check is closed", () => simulator.sessions.count() === 0);
  });
});

test("a wrong vSphere password fails the login only, and the text says how to correct it", async () => {
  await addRunningBmc("lab-01", "--viserver-password=wrong-Secret");
  await removing("lab-01", async () => {
    const logins = (): number => simulator.calls.get("Login") ?? 0;
    // The BMC's own try, and two that were asked for.
    await check("lab-01");
    await check("lab-01");
    const before = logins();
    const { code, rows, of, stdout } = await check("lab-01");
    assert.equal(code, 1);
    assert.equal(statuses(rows), "ok ok ok ok ok failed skipped skipped skipped skipped skipped");
    assert.match(
      of("vCenter login").Detail,
      /refuses user name or password of vbmc@vsphere.local.*--viserver-password/,
    );
    assert.equal(of("virtual machine").Detail, "not checked: vCenter login failed");
    assert.ok(!stdout.includes("Secret"), "no password in the answer");
    assert.equal(
      logins(),
      before,
      "after three refused logins a check does not try again: that might lock the account",
    );
  });
});

test("an address where nothing listens fails the step vCenter; once it runs, the next check connects at once", async () => {
  const port = await freeTcpPort();
  await addRunningBmc("lab-01", `--viserver=127.0.0.1:${port}`);
  await removing("lab-01", async () => {
    const { rows, of } = await check("lab-01");
    assert.equal(statuses(rows), "ok ok ok failed skipped skipped skipped skipped skipped skipped skipped");
    assert.match(
      of("vCenter").Detail,
      new RegExp(`cannot reach 127.0.0.1 port ${port}: ECONNREFUSED: check the address`),
    );
    const other = await startSimulator({
      address: "127.0.0.1",
      port,
      vms: [{ name: "lab-01" }],
      tls: true,
      ...account,
    });
    try {
      assert.equal((await check("lab-01")).code, 0);
    } finally {
      await other.close();
    }
  });
});

test("a certificate that is not the pinned one fails before any password is sent", async () => {
  await addRunningBmc("lab-01");
  await removing("lab-01", async () => {
    const file = path.join(daemon.home, ".vbmc", "lab-01", "config");
    await writeFile(file, `${(await readFile(file, "utf8")).trimEnd()}\nviserver_thumbprint = ${"ab".repeat(32)}\n`);
    const { rows, of } = await check("lab-01");
    assert.equal(statuses(rows), "ok ok ok ok failed skipped skipped skipped skipped skipped skipped");
    assert.ok(of("certificate").Detail.includes(`It is now SHA-256 ${simulator.fingerprint}`));
    assert.match(of("certificate").Detail, /vbmc set --viserver-thumbprint/);
  });
});

test("viserver_insecure is a warning, which is no failure", async () => {
  await addRunningBmc("lab-01");
  await removing("lab-01", async () => {
    const file = path.join(daemon.home, ".vbmc", "lab-01", "config");
    await writeFile(file, `${(await readFile(file, "utf8")).trimEnd()}\nviserver_insecure = True\n`);
    const { code, of } = await check("lab-01");
    assert.deepEqual([code, of("certificate").Status], [0, "warning"]);
    assert.match(of("certificate").Detail, /vbmc set NAME --no-viserver-insecure/);
  });
});

describe("the VM", () => {
  test("that does not exist, and one of two with the same name, fail with what to do", async () => {
    await addRunningBmc("nosuch");
    await addRunningBmc("twin");
    const { rows } = await check("nosuch", "twin");
    await daemon.vbmc("delete", "nosuch", "twin");
    const machines = rows.filter(({ Step }) => Step === "virtual machine");
    assert.deepEqual(
      machines.map(({ Status }) => Status),
      ["failed", "failed"],
    );
    assert.match(machines[0]?.Detail ?? "", /no VM named nosuch is visible to vbmc@vsphere.local/);
    assert.match(machines[1]?.Detail ?? "", /2 VMs named twin .*--vm-uuid/);
  });

  test("whose Tools do not run is a warning", async () => {
    await addRunningBmc("bare");
    await removing("bare", async () => {
      const { code, of } = await check("bare");
      assert.deepEqual([code, of("VMware Tools").Status], [0, "warning"]);
      assert.match(of("VMware Tools").Detail, /soft shutdown is refused/);
    });
  });

  test("on which privileges are withheld fails with their names", async () => {
    await addRunningBmc("lab-01");
    await removing("lab-01", async () => {
      simulator.behaviour.withheldPrivileges = new Set([
        "VirtualMachine.Interact.Reset",
        "VirtualMachine.Config.Settings",
      ]);
      const { code, of } = await check("lab-01");
      simulator.behaviour.withheldPrivileges = new Set();
      assert.deepEqual([code, of("privileges").Status], [1, "failed"]);
      assert.match(
        of("privileges").Detail,
        /lacks VirtualMachine.Interact.Reset \(reset\), VirtualMachine.Config.Settings \(boot device\): add them to its role/,
      );
    });
  });
});

describe("the BMC", () => {
  test("whose port another program has is reported with address, port and reason", async () => {
    const squatter = createSocket("udp4").bind(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address();
    await addBmc("lab-01", `--port=${port}`);
    await removing("lab-01", async () => {
      assert.equal((await daemon.vbmc("start", "lab-01")).code, 1);
      const { rows, of } = await check("lab-01");
      squatter.close();
      assert.equal(statuses(rows), "ok failed skipped ok ok ok ok ok ok ok ok");
      assert.match(of("port").Detail, new RegExp(`127.0.0.1 port ${port}: .*in use`));
    });
  });

  test("with a BMC key is logged in to with it (IPMI 2.0 §13.31)", async () => {
    await addRunningBmc("lab-01");
    await removing("lab-01", async () => {
      const file = path.join(daemon.home, ".vbmc", "lab-01", "config");
      await writeFile(file, `${(await readFile(file, "utf8")).trimEnd()}\nkg = 0x${"c3".repeat(20)}\n`);
      await daemon.vbmc("start", "lab-01");
      assert.equal((await check("lab-01")).of("IPMI login").Status, "ok");
    });
  });

  test("whose password was changed over IPMI fails the IPMI login (IPMI 2.0 §22.30)", async () => {
    const port = await addRunningBmc("lab-01");
    await removing("lab-01", async () => {
      const session = await openClientSession({ host: "127.0.0.1", port, username: "admin", password: bmcPassword });
      const text = Buffer.alloc(20);
      text.write("another");
      const answers = [];
      for (let user = 1; user <= 2; user++) {
        answers.push(
          (await session.request({ netFn: 0x06, command: 0x47, data: [0x80 | user, 0x02, ...text] })).completionCode,
        );
      }
      await session.close();
      assert.ok(answers.includes(0), "Set User Password is accepted");
      const { rows, of } = await check("lab-01");
      assert.equal(statuses(rows), "ok ok failed ok ok ok ok ok ok ok ok");
      assert.match(of("IPMI login").Detail, /changed over IPMI/);
    });
  });

  test("whose file is broken, and one that is not there, fail the configuration", async () => {
    await addBmc("lab-01");
    await removing("lab-01", async () => {
      const file = path.join(daemon.home, ".vbmc", "lab-01", "config");
      await writeFile(file, "[VirtualBMC]\nvm_name = lab-01\nport = none\n");
      const { code, rows } = await check("lab-01", "absent");
      assert.equal(code, 1);
      assert.deepEqual(
        rows.map((row) => [row["VM name"], row.Step, row.Status]),
        [
          ["lab-01", "configuration", "failed"],
          ["absent", "configuration", "failed"],
        ],
      );
      assert.ok(rows[0]?.Detail.includes(file), "it names the file");
      assert.match(rows[1]?.Detail ?? "", /No VM with matching name absent was found/);
    });
  });

  test("without a viserver fails the step vCenter", async () => {
    const port = await freeUdpPort();
    await daemon.vbmc("add", "lab-01", "--port", String(port), "--address", "127.0.0.1");
    await daemon.vbmc("start", "lab-01");
    await removing("lab-01", async () => {
      const { rows, of } = await check("lab-01");
      assert.equal(statuses(rows), "ok ok ok failed skipped skipped skipped skipped skipped skipped skipped");
      assert.match(of("vCenter").Detail, /no viserver is configured/);
    });
  });
});

test("a check of BMCs at a vCenter that hangs ends within its time-out", async () => {
  await addRunningBmc("lab-01");
  await removing("lab-01", async () => {
    simulator.rules.add({ method: "RetrievePropertiesEx", misbehaviour: { kind: "hang" } });
    const outcome = await daemon.vbmc("check", "lab-01", "--timeout", "1", "-f", "value");
    simulator.rules.clear();
    assert.equal(outcome.code, 1);
    assert.match(outcome.stdout, /^lab-01 vCenter failed .*did not respond within 1000 ms$/m);
  });
});

test("where the server does not tell the privileges they are unknown, and the check passes", async () => {
  await addRunningBmc("lab-01");
  await removing("lab-01", async () => {
    const misbehaviour = { kind: "fault", type: "MethodNotFound", message: "no such method" } as const;
    simulator.rules.add({ method: "HasPrivilegeOnEntities", misbehaviour });
    const { code, of } = await check("lab-01");
    simulator.rules.clear();
    assert.deepEqual([code, of("privileges").Status], [0, "unknown"]);
    assert.match(of("privileges").Detail, /MethodNotFound: no such method/);
  });
});

test("a BMC at govmomi's simulator passes", { skip: vcsimPeer.skip }, async () => {
  const vcsim = await startVcsim({ vms: 1, ...account });
  await addRunningBmc("DC0_H0_VM0", `--viserver=${new URL(vcsim.url).host}`);
  const { code, rows } = await check("DC0_H0_VM0");
  await daemon.vbmc("delete", "DC0_H0_VM0");
  await vcsim.close();
  assert.deepEqual([code, statuses(rows)], [0, "ok ok ok ok ok ok ok ok ok ok warning"], "its guests run no Tools");
});
