/** Redfish by the clients that people have: sushy (Ironic's), fence_redfish, Ansible. pyVmomi sees what the VM makes of it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { until } from "../support/patience.js";
import { isPythonModule, peer } from "../support/peer.js";
import { freeTcpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { openSushy, type Sushy } from "../support/sushy.js";
import { startTwoBmcs, type TwoBmcs } from "../support/twoBmcs.js";
import { hasPyvmomi, openWitness, type Witness } from "../support/witness.js";

const witnessPeer = peer("python3-pyvmomi", hasPyvmomi);
const sushyPeer = peer("python3-sushy", () => isPythonModule("sushy"));
const fencePeer = peer("fence-agents", () => isCommand("fence_redfish"));
const ansiblePeer = peer("ansible", () => isCommand("ansible-playbook"));

describe("Redfish clients", { skip: witnessPeer.skip }, () => {
  let bmcs: TwoBmcs;
  let witness: Witness;
  let port: number;

  before(async () => {
    bmcs = await startTwoBmcs();
    witness = await openWitness(bmcs.simulator.url, "lab", "vsphere");
    port = await freeTcpPort();
    const set = await bmcs.daemon.vbmc("set", "lab-01", "--redfish-port", String(port));
    assert.deepEqual(set, { code: 0, stdout: "", stderr: "" });
  });
  after(async () => {
    await witness.close();
    await bmcs.close();
  });

  const power = async (): Promise<string> => (await witness.look("lab-01")).powerState;
  /** A guest takes its time to shut down; each look is a round trip to vCenter. */
  const reaches = (state: string): Promise<true> => until(`it is ${state}`, async () => (await power()) === state);
  /** The first boot device, or the set-up. */
  const bootsInto = async (): Promise<string | undefined> => {
    const { bootOrder, enterBiosSetup } = await witness.look("lab-01");
    return enterBiosSetup ? "bios" : bootOrder[0];
  };

  describe("sushy", { skip: sushyPeer.skip }, () => {
    let sushy: Sushy;

    before(() => {
      sushy = openSushy(port, "admin", "password", path.join(bmcs.daemon.home, ".vbmc/.redfish-certificate.pem"));
    });
    after(() => sushy.close());

    test("logs in with a session, and finds everything that Ironic looks for", async () => {
      assert.equal(await sushy.run("session"), "SessionOrBasicAuth True");
      const { stdout } = await bmcs.sh("ipmitool -I lanplus -H 127.0.0.1 -p PORT -U admin -P password mc guid");
      const found = (await sushy.run("inventory")) as Record<string, unknown>;
      const vm = await witness.hardware("lab-01");
      const [name, itsUuid, manufacturer, serial] = found["identity"] as string[];
      assert.deepEqual([name, manufacturer], ["lab-01", "VMware, Inc."]);
      assert.ok(stdout.toLowerCase().includes(itsUuid ?? ""), stdout);
      const fru = await bmcs.sh("ipmitool -I lanplus -H 127.0.0.1 -p PORT -U admin -P password fru print 0");
      assert.ok(fru.stdout.includes(serial ?? "none"), fru.stdout);
      assert.equal(found["memoryGib"], Math.floor(vm.memorySizeMb / 1_024));
      assert.deepEqual(found["cpu"], [vm.cpuCount, "x86"]);
      assert.deepEqual(Object.keys(found["macs"] as object).sort(), vm.cards.map(([, mac]) => mac).sort());
      assert.deepEqual(
        (found["storage"] as number[][]).flat(),
        vm.disks.map(([, , bytes]) => bytes),
      );
      assert.deepEqual([found["chassis"], found["managers"]], [["1"], ["1"]]);
    });

    for (const [kind, state] of [
      ["On", "poweredOn"],
      ["On", "poweredOn"],
      ["ForceRestart", "poweredOn"],
      ["GracefulRestart", "poweredOn"],
      ["GracefulShutdown", "poweredOff"],
      ["ForceOff", "poweredOff"],
      ["PushPowerButton", "poweredOn"],
      ["Nmi", "poweredOn"],
      ["PowerCycle", "poweredOn"],
      ["ForceOff", "poweredOff"],
    ] as const) {
      test(`reset ${kind} leaves the VM ${state}`, async () => {
        await sushy.run("reset", kind);
        await reaches(state);
        assert.equal(await sushy.run("power"), state === "poweredOn" ? "On" : "Off");
      });
    }

    for (const [target, enabled, device] of [
      ["Pxe", "Once", "ethernet"],
      ["Cd", "Continuous", "cdrom"],
      ["Hdd", "Continuous", "disk"],
      ["BiosSetup", "Once", "bios"],
    ] as const) {
      test(`boots from ${target}, ${enabled}, and reads it back`, async () => {
        await sushy.run("setBoot", target, enabled);
        assert.equal(await bootsInto(), device);
        const { target: is, enabled: how } = (await sushy.run("boot")) as Record<string, string>;
        assert.deepEqual([is, how], [target, enabled]);
      });
    }

    test("a target alone keeps for how long it is", async () => {
      await sushy.run("setBoot", "Cd", "Continuous");
      await sushy.run("setBootTarget", "Pxe");
      const { target, enabled } = (await sushy.run("boot")) as Record<string, string>;
      assert.deepEqual([target, enabled, await bootsInto()], ["Pxe", "Continuous", "ethernet"]);
    });

    test("changes the firmware of a VM that is off, and learns why not while it is on", async () => {
      const before = ((await sushy.run("boot")) as Record<string, string>)["mode"];
      const other = before === "UEFI" ? "Legacy" : "UEFI";
      assert.equal(await sushy.run("setMode", other), null);
      assert.equal((await witness.hardware("lab-01")).firmware, other === "UEFI" ? "efi" : "bios");
      const { target, enabled, mode } = (await sushy.run("boot")) as Record<string, string>;
      assert.deepEqual([target, enabled, mode], ["Pxe", "Continuous", other], "and the boot device stays");
      await sushy.run("reset", "On");
      assert.match(String(await sushy.run("setMode", before ?? "")), /switch it off first/);
      await sushy.run("reset", "ForceOff");
      assert.equal(await sushy.run("setMode", before ?? ""), null);
    });

    test("closes its session", async () => {
      await sushy.run("logOut");
    });
  });

  describe("fence_redfish", { skip: fencePeer.skip }, () => {
    const fence = (action: string, password = "password"): Promise<Outcome> =>
      run("fence_redfish", [
        ...["--ip=127.0.0.1", `--ipport=${port}`, "--ssl-insecure", "--username=admin"],
        ...[`--password=${password}`, `--action=${action}`],
      ]);

    for (const [action, code, text, state] of [
      ["status", 2, "Status: OFF", "poweredOff"],
      ["on", 0, "Success: Powered ON", "poweredOn"],
      ["status", 0, "Status: ON", "poweredOn"],
      ["reboot", 0, "Success: Rebooted", "poweredOn"],
      ["diag", 0, "Success: Rebooted", "poweredOn"],
      ["off", 0, "Success: Powered OFF", "poweredOff"],
      ["monitor", 0, "", "poweredOff"],
    ] as const) {
      test(`${action} ends with ${code}, and the VM is ${state}`, async () => {
        const { code: ended, stdout, stderr } = await fence(action);
        assert.deepEqual([ended, stdout.trim()], [code, text], stderr);
        assert.equal(await power(), state);
      });
    }

    test("with a wrong password it fails instead of reporting a state", async () => {
      const { code, stdout } = await fence("status", "wrong");
      assert.ok(code !== 0 && code !== 2, String(code));
      assert.doesNotMatch(stdout, /Status/);
    });
  });

  describe("Ansible", { skip: ansiblePeer.skip }, () => {
    /** One playbook: a run of Ansible for each call takes seconds. Each task's result, in their order. */
    const play = async (tasks: readonly Task[]): Promise<Record<string, unknown>[]> => {
      const common = { baseuri: `127.0.0.1:${port}`, username: "admin", password: "password" };
      const playbook = [
        {
          hosts: "localhost",
          connection: "local",
          gather_facts: false,
          tasks: tasks.map(([module, args]) =>
            module === "command" || module === "info" || module === "config"
              ? { [`community.general.redfish_${module}`]: { ...common, ...(typeof args === "object" && args) } }
              : { [module]: args },
          ),
        },
      ];
      const file = path.join(bmcs.home, "playbook.json");
      writeFileSync(file, JSON.stringify(playbook));
      const env = { ...process.env, HOME: bmcs.home, ANSIBLE_NOCOLOR: "1", ANSIBLE_STDOUT_CALLBACK: "json" };
      const { code, stdout, stderr } = await run("ansible-playbook", [file], { env });
      assert.equal(code, 0, stdout + stderr);
      const { plays } = JSON.parse(stdout) as {
        plays: { tasks: { hosts: { localhost: Record<string, unknown> } }[] }[];
      };
      return (plays[0]?.tasks ?? []).map(({ hosts }) => hosts.localhost);
    };

    type Task = readonly [module: string, args: object | string];
    const system = (command: string, more: object = {}): Task => ["command", { category: "Systems", command, ...more }];

    test("switches the VM on, restarts it, and shuts it down; each is a change", async () => {
      const results = await play([system("PowerOn"), system("PowerForceRestart"), system("PowerGracefulShutdown")]);
      assert.deepEqual(
        results.map(({ changed }) => changed),
        [true, true, true],
      );
      await reaches("poweredOff");
    });

    test("sets boot devices that ipmitool and vSphere see, and takes them back", async () => {
      const parameter5 = "ipmitool -I lanplus -H 127.0.0.1 -p PORT -U admin -P password chassis bootparam get 5";
      const look: Task = ["ansible.builtin.command", parameter5.replace("PORT", String(bmcs.port("lab-01")))];
      const results = await play([
        system("SetOneTimeBoot", { bootdevice: "Pxe" }),
        look,
        system("EnableContinuousBootOverride", { bootdevice: "Cd" }),
        look,
      ]);
      assert.deepEqual([results[0]?.["changed"], results[2]?.["changed"]], [true, true]);
      assert.match(String(results[1]?.["stdout"]), /Force PXE/);
      assert.match(String(results[3]?.["stdout"]), /Force Boot from CD\/DVD/);
      assert.equal(await bootsInto(), "cdrom");
      await play([system("DisableBootOverride")]);
      assert.equal(await bootsInto(), undefined);
    });

    test("reads the system, its parts, the manager, the log, sessions and users; adds a user and removes it", async () => {
      const parts =
        "GetSystemInventory,GetCpuInventory,GetMemoryInventory,GetNicInventory,GetDiskInventory,GetBootOverride";
      const asEve = "ipmitool -I lanplus -H 127.0.0.1 -p PORT -U eve -P secret12 -L OPERATOR power status";
      const [facts, logs, users, , eve] = await play([
        ["info", { category: "Systems", command: parts }],
        ["info", { category: "Manager", command: "GetManagerInventory,GetLogs" }],
        ["info", { category: "Accounts", command: "ListUsers" }],
        [
          "command",
          {
            ...{ category: "Accounts", command: "AddUser", new_username: "eve", new_password: "secret12" },
            roleid: "Operator",
          },
        ],
        ["ansible.builtin.command", asEve.replace("PORT", String(bmcs.port("lab-01")))],
        ["command", { category: "Accounts", command: "DeleteUser", account_username: "eve" }],
      ]);
      const text = JSON.stringify(facts?.["redfish_facts"]);
      const { cards, disks } = await witness.hardware("lab-01");
      for (const known of [cards[0]?.[1], disks[0]?.[3], '"PowerState":"Off"']) {
        assert.ok(text.includes(known ?? "none"), text);
      }
      assert.match(JSON.stringify(logs), /"manager"/);
      assert.match(JSON.stringify(users), /"UserName": ?"admin"/);
      assert.match(String(eve?.["stdout"]), /Chassis Power is off/);
      assert.notEqual((await bmcs.sh(asEve.replace("power", "-N 1 -R 1 power"))).code, 0);
    });

    test("sets a firmware setting of a VM that is off, once", async () => {
      const set: Task = [
        "config",
        { category: "Systems", command: "SetBiosAttributes", bios_attributes: { bootDelay: 2_000 } },
      ];
      const results = await play([set, set]);
      assert.deepEqual(
        results.map(({ changed }) => changed),
        [true, false],
      );
    });
  });
});
