/**
 * Homes of earlier programs: of the original's releases, and of our own 0.1.0 in its first and its last form. Each was made
 * by that program. Today's reads and serves it, and what it writes the earlier program can read.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { withChecksum } from "../../src/model/sel/checkedLine.js";
import type { ClientSession } from "../../src/protocol/client/clientSession.js";
import { type Simulator, startSimulator } from "../../src/simulator/index.js";
import { asked, withSession } from "../support/askedBmc.js";
import { ask } from "../support/httpsClient.js";
import { copyKeptHome, type KeptHome } from "../support/keptHome.js";
import { python } from "../support/originalClient.js";
import { until } from "../support/patience.js";
import { peer } from "../support/peer.js";
import { type Outcome, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const pythonPeer = peer("python3", () => execFileSync(python, ["--version"]));
const username = "administrator@vsphere.local";

let simulators: ReadonlyMap<string, Simulator>;

before(async () => {
  // The originals' files and ours hold different passwords.
  const passwords = ["simulated", "password"];
  const started = passwords.map((password) =>
    startSimulator({ address: "127.0.0.1", port: 0, vms: 4, tls: true, username, password }),
  );
  simulators = new Map((await Promise.all(started)).map((simulator, index) => [passwords[index]!, simulator]));
});
after(() => Promise.all([...simulators.values()].map((simulator) => simulator.close())));

function standIn(simulator: Simulator) {
  return { viserver: `127.0.0.1:${simulator.port}`, username, fingerprint: simulator.fingerprint! };
}

function vmOf(simulator: Simulator, name: string) {
  return [...simulator.inventory.vms.values()].find((vm) => vm.name === name)!;
}

interface Login {
  readonly username?: string;
  readonly password?: string;
  readonly privilege?: 3 | 4;
  readonly kg?: Buffer;
}

function inSession<T>(port: number, login: Login, work: (session: ClientSession) => Promise<T>): Promise<T> {
  const account = { username: "admin", password: "pa55word", ...login };
  return withSession({ host: "127.0.0.1", port, tries: 20, ...account }, work);
}

/** IPMI 2.0 §28.2 Get Chassis Status. */
async function isOn(session: ClientSession): Promise<boolean> {
  return ((await asked(session, 0x00, 0x01))[0]! & 1) === 1;
}

/** IPMI 2.0 §28.3 Chassis Control. */
async function powerOn(session: ClientSession): Promise<void> {
  await asked(session, 0x00, 0x02, 0x01);
}

const firstOptions = "username password address port vm_name viserver viserver_username viserver_password active";
const originals = [
  { release: "0.0.1", options: firstOptions },
  { release: "0.0.8", options: `${firstOptions} fakemac` },
  { release: "0.1.0", options: `${firstOptions} fakemac` },
  { release: "0.3.0", options: `${firstOptions} fakemac vm_uuid` },
];

for (const { release, options } of originals) {
  const title = `the home of VirtualBMC for vSphere ${release} is served, and readable for it afterwards`;
  test(title, { skip: pythonPeer.skip }, async (context) => {
    const simulator = simulators.get("simulated")!;
    const home = await copyKeptHome(`original-${release}`, temporaryFolder(), standIn(simulator));
    context.after(() => home.stop());
    const port = (name: string) => home.ports.get(name)!;
    const manager = (...args: string[]): Promise<Outcome> =>
      run(python, [inRepository("test/support/originalManager.py"), home.folder, ...args], {
        env: { ...process.env, VBMC_OPTIONS: options },
      });
    assert.deepEqual(await home.run("vbmcd"), { code: 0, stdout: "", stderr: "" });

    // What was active runs without a command.
    assert.equal((await home.run("vbmc", "start", "vm-01")).stderr, "");
    vmOf(simulator, "vm-01").powerState = "poweredOff";
    simulator.inventory.changed(vmOf(simulator, "vm-01"));
    await inSession(port("vm-01"), {}, async (session) => {
      await isOn(session);
      await powerOn(session);
      assert.equal(vmOf(simulator, "vm-01").powerState, "poweredOn");
      // Set User Name of user 3 (§22.28) writes a file beside `config`.
      await asked(session, 0x06, 0x45, 3, ...Buffer.from("operator".padEnd(16, "\0")));
    });
    for (const args of [
      ["set", "vm-02", "--password", "other-pa55", "--address", "127.0.0.1", "--kg", "a key of ours"],
      ["start", "vm-02", "vm-03"],
      ["stop", "vm-01"],
      ["stop", "vm-03"],
    ]) {
      assert.equal((await home.run("vbmc", ...args)).stderr, "", args.join(" "));
    }
    const listed = await home.run("vbmc", "list", "-f", "value", "-c", "VM name", "-c", "Status");
    assert.match(listed.stdout, /^vm-01 down\nvm-02 running\nvm-03 down\n(vm-04 down\n)?$/);
    await home.stop();

    // As docs/migrating.md says: the original's `list` fails for a folder without a file `config`.
    assert.equal((await manager("list")).code, 1);
    foldersWithout(home).forEach((name) => rmSync(home.file(name), { recursive: true }));
    const { stdout, stderr } = await manager("list");
    assert.equal(stderr, "");
    const bmcs = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    assert.deepEqual(Object.keys(bmcs), [...home.ports.keys()].sort());
    const { viserver } = standIn(simulator);
    const account = { viserver, viserver_username: username, viserver_password: "simulated" };
    const expected = { username: "admin", address: "127.0.0.1", ...account };
    assert.deepEqual(
      [bmcs["vm-01"], bmcs["vm-02"]].map((bmc) => ({ ...bmc, fakemac: undefined, vm_uuid: undefined })),
      [
        { vm_name: "vm-01", password: "pa55word", active: "False", port: port("vm-01") },
        { vm_name: "vm-02", password: "other-pa55", active: "True", port: port("vm-02") },
      ].map((bmc) => ({ ...expected, ...bmc, fakemac: undefined, vm_uuid: undefined })),
    );
    if (release === "0.3.0") {
      assert.equal(bmcs["vm-04"]?.["vm_uuid"], "42110000-0000-4000-8000-000000000004");
    }

    // The original writes; ours goes on from there.
    assert.equal((await manager("start", "vm-01")).stderr, "");
    assert.equal((await manager("stop", "vm-02")).stderr, "");
    assert.equal((await home.run("vbmcd")).stderr, "");
    assert.equal((await home.run("vbmc", "start", "vm-01")).stderr, "");
    await inSession(port("vm-01"), {}, async (session) => assert.equal(await isOn(session), true));
    const again = await home.run("vbmc", "list", "-f", "value", "-c", "Status");
    assert.match(again.stdout, /^running\ndown\ndown\n(down\n)?$/);
    await home.stop();
  });
}

/** Folders in config_dir that hold no BMC. */
function foldersWithout({ folder }: KeptHome): string[] {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => name).filter((name) => !existsSync(path.join(folder, name, "config")));
}

for (const form of ["first", "last"]) {
  describe(`a home of our 0.1.0, ${form} form`, () => {
    const folder = temporaryFolder();
    let home: KeptHome;
    let journal: string;
    const simulator = () => simulators.get("password")!;

    before(async () => {
      // As it was left: to be started once from the CD, and then in the order of before.
      const vm = vmOf(simulator(), "vm-01");
      simulator().switchTo(vm, "poweredOff");
      vm.bootOptions = { enterBiosSetup: false, bootOrder: [{ type: "VirtualMachineBootOptionsBootableCdromDevice" }] };
      home = await copyKeptHome(`ours-0.1.0-${form}`, folder, standIn(simulator()));
      journal = readFileSync(home.file("vm-01", "sel.journal"), "utf8");
      assert.equal((await home.run("vbmcd")).stderr, "");
      assert.equal((await home.run("vbmc", "start", "vm-01", "vm-02")).stderr, "");
    });
    after(() => home.stop());

    test("users, BMC key, asset tag and SEL are as they were", async () => {
      const operator: Login = { username: "operator", password: "0perat0r", privilege: 3 };
      await inSession(home.ports.get("vm-01")!, operator, async (session) => {
        assert.equal(await isOn(session), false);
        // DCMI 1.5 §6.4.2 Get Asset Tag.
        assert.equal((await asked(session, 0x2c, 0x06, 0xdc, 0, 16)).subarray(2).toString(), "rack-7");
        // IPMI 2.0 §31.2 Get SEL Info: at least those that the file held.
        const count = (await asked(session, 0x0a, 0x40)).readUInt16LE(1);
        assert.ok(count >= journal.trim().split("\n").length, String(count));
      });
      const kg = Buffer.alloc(20);
      kg.write("secret-bmc-key");
      await inSession(home.ports.get("vm-02")!, { kg }, async (session) => assert.equal(await isOn(session), false));
      assert.ok(readFileSync(home.file("vm-01", "sel.journal"), "utf8").startsWith(journal));
    });

    test("the boot order that was to be restored is restored after the start", async () => {
      const vm = vmOf(simulator(), "vm-01");
      const kept = JSON.parse(readFileSync(home.file("vm-01", "boot-order.json"), "utf8")) as { former: unknown[] };
      assert.equal(kept.former.length, 6);
      await inSession(home.ports.get("vm-01")!, {}, powerOn);
      await until("the order is restored", () => vm.bootOptions.bootOrder.length === kept.former.length);
      assert.equal(vm.bootOptions.bootOrder[0]?.type, "VirtualMachineBootOptionsBootableDiskDevice");
    });

    test("nothing is set aside or called damaged", () => {
      const all = readdirSync(home.folder, { recursive: true }).map(String);
      assert.deepEqual(
        all.filter((name) => name.endsWith(".damaged")),
        [],
      );
      assert.doesNotMatch(home.log(), /damaged|renamed|cannot be read/);
    });

    test("what is written now the first 0.1.0 reads", async () => {
      await inSession(home.ports.get("vm-01")!, {}, async (session) => {
        // IPMI 2.0 §28.12 Set System Boot Options: boot flags, next boot from the CD.
        await asked(session, 0x00, 0x08, 0x05, 0x80, 0x14, 0, 0, 0);
        // §22.30 Set User Password of user 3, 16 bytes.
        await asked(session, 0x06, 0x47, 0x03, 0x02, ...Buffer.from("an0ther".padEnd(16, "\0")));
      });
      const read = (name: string) => JSON.parse(readFileSync(home.file("vm-01", name), "utf8")) as never;
      const { device, former, bootTime }: Record<string, unknown> = read("boot-order.json");
      assert.deepEqual([device, Array.isArray(former), typeof bootTime], ["cdrom", true, "string"]);
      const { users }: { users: Record<string, unknown>[] } = read("users.json");
      const fields = "id name password passwordSize enabled privilegeLimit ipmiMessaging linkAuthentication";
      for (const field of `${fields} callbackOnly payloadAccess`.split(" ")) {
        assert.ok(
          users.every((user) => field in user),
          field,
        );
      }
      for (const line of readFileSync(home.file("vm-01", "sel.journal"), "utf8").trim().split("\n")) {
        assert.match(line, /^add [0-9a-f]{32,40} \d+ [0-9a-f]{8}$/);
        assert.equal(withChecksum(line.replace(/ \w+$/, "")).trim(), line);
      }
    });

    if (form === "last") {
      test("event subscriptions, console tokens and the list of stored images are kept", async () => {
        const port = Number(/^redfish_port = (\d+)$/m.exec(readFileSync(home.file("vm-01", "config"), "utf8"))?.[1]);
        const authorization = `Basic ${Buffer.from("admin:pa55word").toString("base64")}`;
        const { body } = await ask({
          port,
          path: "/redfish/v1/EventService/Subscriptions/1",
          headers: { Authorization: authorization },
        });
        const { Destination, Context } = JSON.parse(body) as Record<string, unknown>;
        assert.deepEqual([Destination, Context], ["https://192.0.2.9/events", "lab"]);
        const golden = inRepository("test/golden/homes/ours-0.1.0-last/.vbmc");
        for (const token of ["vm-01/console-token", "vm-02/console-token"]) {
          assert.deepEqual(readFileSync(home.file(token)), readFileSync(path.join(golden, token)));
        }
        assert.match((await home.run("vbmc", "account", "list")).stdout, /\| ops +\| Operator \|/);
      });
    }
  });
}
