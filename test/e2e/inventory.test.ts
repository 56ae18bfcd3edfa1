/** SEL, sensors, FRU inventory and DCMI by real clients: what they show is the VM's own. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";

import { type SimulatedVm, type Simulator, startSimulator } from "../../src/simulator/index.js";
import { peer } from "../support/peer.js";
import { freeUdpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { type Daemon, startDaemon } from "../support/stack.js";
import { removeFolder } from "../support/temporaryFolder.js";
import { type RunningVcenter, vcenters } from "../support/vcenters.js";

const ipmitoolPeer = peer("ipmitool", () => isCommand("ipmitool"));
const freeipmiPeer = peer("freeipmi-tools", () => isCommand("ipmi-sensors"));
const openipmiPeer = peer("openipmi", () => isCommand("openipmish"));
const ipmiutilPeer = peer("ipmiutil", () => isCommand("ipmiutil"));
const fencePeer = peer("fence-agents", () => isCommand("fence_ipmilan"));
const pyghmiPeer = peer(
  "python3-pyghmi",
  () => spawnSync("/usr/bin/python3", ["-W", "ignore", "-c", "import pyghmi"]).status === 0,
);
/** ipmiutil knows no other port than 623. */
const address623 = "127.62.3.5";
const notRoot = process.getuid?.() === 0 ? false : "needs root, for port 623";

const account = { username: "lab", password: "secret" };
const uuid = "4224e8b5-1e2d-3c4b-5a69-788796a5b4c3";
const serial = "VMware-42 24 e8 b5 1e 2d 3c 4b-5a 69 78 87 96 a5 b4 c3";

const pyghmiScript = `
import json, sys
from pyghmi.ipmi.command import Command
bmc = Command(bmc="127.0.0.1", userid="admin", password="password", port=int(sys.argv[1]))
print(json.dumps({
  "sensors": {reading.name: reading.value for reading in bmc.get_sensor_data()},
  "events": [event["event"] for event in bmc.get_event_log()],
  "inventory": dict(bmc.get_inventory())["System"],
  "health": bmc.get_health()["health"],
}, default=str))
`;
import { until } from "../support/patience.js";

describe("inventory by real clients", { skip: ipmitoolPeer.skip }, () => {
  let simulator: Simulator;
  let vm: SimulatedVm;
  let daemon: Daemon;
  let home: string;
  let port: number;

  before(async () => {
    const vms = [{ name: "lab-01", powerState: "poweredOn", uuid }, { name: "lab-02" }] as const;
    simulator = await startSimulator({ address: "127.0.0.1", port: 0, tls: true, vms, ...account });
    vm = [...simulator.inventory.vms.values()][0]!;
    vm.live.cpuMhz = 3_640;
    // FreeIPMI keeps copies of SDR repositories in the home folder.
    home = await mkdtemp(path.join(tmpdir(), "vbmc-inventory-"));
    daemon = await startDaemon();
    port = await freeUdpPort();
    await addBmc("lab-01", "--port", String(port));
    await knows("Chassis Power is on\n");
  });

  after(async () => {
    await daemon.close();
    await simulator.close();
    await removeFolder(home);
  });

  async function addBmc(name: string, ...options: string[]): Promise<void> {
    const viserver = ["--viserver", new URL(simulator.url).host, "--viserver-username", account.username];
    const added = await daemon.vbmc("add", name, ...viserver, "--viserver-password", account.password, ...options);
    assert.deepEqual(added, { code: 0, stdout: "", stderr: "" });
    assert.deepEqual(await daemon.vbmc("start", name), { code: 0, stdout: "", stderr: "" });
  }

  /** The BMC has heard from vCenter; there is no event that a client could see. */
  async function knows(status: string): Promise<void> {
    await until(status, async () => (await ipmitool("power", "status")).stdout === status);
  }

  function ipmitool(...args: string[]): Promise<Outcome> {
    const session = ["-I", "lanplus", "-H", "127.0.0.1", "-p", String(port), "-U", "admin", "-P", "password"];
    return run("ipmitool", [...session, ...args]);
  }

  function freeipmi(tool: string, ...args: string[]): Promise<Outcome> {
    const session = ["-h", `127.0.0.1:${port}`, "-u", "admin", "-p", "password", "-D", "LAN_2_0"];
    return run(tool, [...session, ...args], { env: { ...process.env, HOME: home } });
  }

  async function succeeds(outcome: Promise<Outcome>): Promise<string> {
    const { code, stdout, stderr } = await outcome;
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  }

  /** Someone does something in vSphere. */
  function inVsphere(change: () => void): void {
    change();
    simulator.inventory.changed(vm);
  }

  async function switchOn(): Promise<void> {
    if (vm.powerState !== "poweredOn") {
      await succeeds(ipmitool("power", "on"));
    }
  }

  test("a BMC that is only asked for its power asks vSphere for no statistics", async () => {
    await succeeds(ipmitool("power", "status"));
    await succeeds(ipmitool("mc", "info"));
    assert.equal(simulator.calls.get("QueryPerf"), undefined);
  });

  test("ipmitool sdr elist full shows the VM's live values, of one question to vSphere", async () => {
    const shown = await succeeds(ipmitool("sdr", "elist", "full"));
    for (const row of [
      /^CPU Usage +\| 10h \| ok +\| +3\.1 \| 70 percent$/m,
      /^CPU Rate +\| 11h \| ok +\| +3\.1 \| 3650000000\b/m,
      /^Memory Active +\| 12h \| ok +\| +8\.1 \| 520 megabyte$/m,
      /^Memory Consumed +\| 13h \| ok +\| +8\.1 \| 1800 megabyte$/m,
      /^Uptime +\| 14h \| ok +\| +7\.1 \| 0 hour$/m,
      /^Disk Rate +\| 15h \| ok +\| +4\.1 \| 625 kilobyte/m,
      /^Network Rate +\| 16h \| ok +\| 11\.1 \| 100 kilobyte/m,
      /^Power +\| 17h \| ok +\| 19\.1 \| 36 Watts$/m,
    ]) {
      assert.match(shown, row);
    }
    assert.equal(simulator.calls.get("QueryPerf"), 1);
  });

  test("ipmitool sensor list and get show states and thresholds", async () => {
    const list = await succeeds(ipmitool("sensor", "list"));
    assert.match(list, /^CPU Usage +\| 70\.000 +\| percent +\| ok .*\| 90\.000 +\| 98\.000 +\| na +$/m);
    assert.match(list, /^ACPI State +\| 0x1 +\| discrete +\| 0x0180/m);
    const { stdout } = await ipmitool("sensor", "get", "CPU Usage");
    assert.match(stdout, /Sensor Reading +: 70 \(\+\/- 0\) percent[^]*Upper Critical +: 98\.000/);
  });

  test("ipmitool sdr list, info, type and dump", async () => {
    const list = await succeeds(ipmitool("sdr", "elist", "all"));
    assert.match(list, /^ACPI State +\| 07h \| ok +\| +7\.1 \| S0\/G0: working$/m);
    assert.match(list, /^VM Health +\| 02h \| ok +\| 23\.1 \| Transition to OK$/m);
    assert.match(list, /^vbmc4vsphere +\| 00h \| ok +\| +7\.1 \| Static MC @ 20h$/m);
    assert.match(await succeeds(ipmitool("sdr", "info")), /Record Count +: 23\n/);
    await succeeds(ipmitool("sdr", "dump", path.join(home, "sdr")));
    assert.match(await succeeds(ipmitool("sdr", "type", "Power Unit")), /^Power Unit +\| 01h \| ok/m);
  });

  test("ipmi-sensors and ipmi-sensors-config of FreeIPMI", { skip: freeipmiPeer.skip }, async () => {
    const { code, stdout } = await freeipmi("ipmi-sensors", "--output-sensor-state", "--comma-separated-output");
    assert.equal(code, 0);
    assert.match(stdout, /CPU Usage,Other Units Based Sensor,Nominal,70\.00,%,'OK'/);
    assert.match(stdout, /Power Unit,Power Unit,Nominal,N\/A,N\/A,'OK'/);
    assert.match((await freeipmi("ipmi-sensors-config", "--checkout")).stdout, /Upper_Critical_Threshold +98\.0/);
  });

  /** As prometheus-ipmi-exporter 1.8 calls FreeIPMI. */
  const exporterCalls: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      "ipmimonitoring",
      [
        ..."-Q --ignore-unrecognized-events --comma-separated-output --no-header-output --sdr-cache-recreate".split(
          " ",
        ),
        ...["--output-event-bitmask", "--output-sensor-state"],
      ],
      /^9,CPU Usage,Other Units Based Sensor,Nominal,70\.00,%,00C0h$/m,
    ],
    ["ipmi-dcmi", ["--get-system-power-statistics"], /^Current Power +: 36 Watts$/m],
    ["bmc-info", ["--get-device-id"], /Manufacturer ID +: VMware/],
    ["ipmi-chassis", ["--get-chassis-status"], /^System Power +: on$/m],
    ["ipmi-sel", ["--info"], /^Number of log entries +: \d+$/m],
  ];
  for (const [tool, args, expected] of exporterCalls) {
    test(`${tool} ${args[0] ?? ""} as prometheus-ipmi-exporter calls it`, { skip: freeipmiPeer.skip }, async () => {
      const { code, stdout } = await freeipmi(tool, ...args);
      assert.equal(code, 0);
      assert.match(stdout, expected);
    });
  }

  test("ipmitool fru print and ipmi-fru show the VM", { skip: freeipmiPeer.skip }, async () => {
    const shown = await succeeds(ipmitool("fru", "print"));
    for (const [name, value] of [
      ["Chassis Serial", serial],
      ["Board Mfg", "VMware, Inc."],
      ["Board Serial", uuid],
      ["Product Name", "lab-01"],
      ["Product Version", "vmx-19"],
      ["Product Extra", "Guest OS: VMware ESXi 7.0 or later"],
    ] as const) {
      assert.match(shown, new RegExp(`^ ${name} +: ${value.replace(/[.[\]]/g, "\\$&")}$`, "m"));
    }
    assert.match(shown, /^ Chassis Extra +: Host: 127\.0\.0\.1:\d+$/m);
    const { code, stdout } = await freeipmi("ipmi-fru");
    assert.equal(code, 0);
    assert.match(stdout, /FRU Product Name: lab-01/);
  });

  test("the asset tag is one: set by ipmitool dcmi, fru edit and ipmi-dcmi", { skip: freeipmiPeer.skip }, async () => {
    await succeeds(ipmitool("dcmi", "set_asset_tag", "rack 7, slot 3"));
    assert.match(await succeeds(ipmitool("fru", "print")), /Product Asset Tag +: rack 7, slot 3\n/);
    // ipmitool 1.8.19 ends with 1 also where it has written all.
    assert.match((await ipmitool("fru", "edit", "0", "field", "p", "5", "cellar")).stdout, /Done\./);
    assert.match(await succeeds(ipmitool("dcmi", "asset_tag")), /Asset tag: cellar/);
    assert.equal((await freeipmi("ipmi-dcmi", "--set-asset-tag=attic")).code, 0);
    assert.equal((await freeipmi("ipmi-dcmi", "--get-asset-tag")).stdout, "attic\n");
    assert.match(await succeeds(ipmitool("fru", "print")), /Product Asset Tag +: attic\n/);
  });

  /** [ipmitool dcmi arguments, what it shows] */
  const dcmiCases: readonly (readonly [string, RegExp])[] = [
    ["discover", /SEL automatic rollover is enabled[^]*Primary LAN channel number: 1 is available/],
    ["power reading", /Instantaneous power reading: +36 Watts[^]*Power reading state is: +activated/],
    ["power get_limit", /No Active Power Limit/],
    ["get_mc_id_string", /DCMI02:00:00:/],
    ["sensors", /Inlet: 0 temperature sensor/],
    ["get_temp_reading", /Entity ID/],
    ["get_conf_param", /Initial timeout interval/],
  ];
  for (const [command, expected] of dcmiCases) {
    test(`ipmitool dcmi ${command}`, async () => {
      assert.match(await succeeds(ipmitool("dcmi", ...command.split(" "))), expected);
    });
  }

  test("ipmitool dcmi power reading says that nothing is measured where vSphere measures no power", async () => {
    await addBmc("lab-02", "--port", String(await freeUdpPort()));
    const off = vm.live.powerWatts;
    inVsphere(() => (vm.powerState = "poweredOff"));
    await knows("Chassis Power is off\n");
    vm.live.powerWatts = undefined;
    assert.match(await succeeds(ipmitool("dcmi", "power", "reading")), /Power reading state is: +deactivated/);
    vm.live.powerWatts = off;
    await switchOn();
  });

  test("the SEL tells who did it, and keeps it over a restart of the BMC", async () => {
    await switchOn();
    await succeeds(ipmitool("sel", "clear"));
    await succeeds(ipmitool("chassis", "bootdev", "disk", "options=persistent"));
    await succeeds(ipmitool("power", "off"));
    await succeeds(ipmitool("power", "on"));
    await succeeds(ipmitool("power", "reset"));
    await succeeds(ipmitool("power", "diag"));
    inVsphere(() => (vm.powerState = "poweredOff"));
    await knows("Chassis Power is off\n");
    assert.notEqual((await ipmitool("-U", "unknown", "mc", "info")).code, 0);
    const elist = await succeeds(ipmitool("sel", "elist"));
    const events = elist
      .trim()
      .split("\n")
      .map((line) => line.split(" | ").slice(3).join(" | ").trim());
    const withoutBoots = events.filter((event) => !event.startsWith("OS Boot"));
    assert.deepEqual(withoutBoots, [
      "Event Logging Disabled SEL | Log area reset/cleared | Asserted",
      "Power Unit Power Unit | Power off/down | Asserted",
      "Power Unit Power Unit | Power off/down | Deasserted",
      "System Boot Initiated System Restart | Initiated by hard reset | Asserted",
      "Critical Interrupt Interrupt | NMI/Diag Interrupt | Asserted",
      "Power Unit Power Unit | Power off/down | Asserted",
      // ipmitool 1.8.19 has no text for a failed login.
      "Session Audit Log-in |  | Asserted",
    ]);
    const offByCommand = await succeeds(ipmitool("sel", "get", "2"));
    assert.match(offByCommand, /Event Data \(RAW\) +: a04201\n/, "by user 2 from 127.0.0.1");
    const record = elist.split("\n").findIndex((line) => line.includes("Session Audit"));
    const offByVsphere = await succeeds(ipmitool("sel", "get", String(record)));
    assert.match(offByVsphere, /Event Data \(RAW\) +: a000ff\n/);

    assert.equal((await daemon.vbmc("stop", "lab-01")).code, 0);
    assert.equal((await daemon.vbmc("start", "lab-01")).code, 0);
    await knows("Chassis Power is off\n");
    const after = await succeeds(ipmitool("sel", "elist"));
    assert.ok(after.startsWith(elist), after);
    assert.match(after.slice(elist.length), /Management Subsys Health BMC \| Transition to OK/);
  });

  test("ipmitool sel info, list, add, get, save, time and event", async () => {
    assert.match(await succeeds(ipmitool("sel", "info")), /Version +: 1\.5[^]*# of Alloc Units : 4096/);
    assert.match(await succeeds(ipmitool("sel", "list")), /Power Unit #0x01/);
    assert.match((await ipmitool("event", "1")).stdout, /Upper Critical going high/);
    assert.match(
      await succeeds(ipmitool("sel", "list", "last", "1")),
      /Temperature #0x30 \| Upper Critical going high/,
    );
    await succeeds(ipmitool("sel", "time", "set", "now"));
    assert.match(await succeeds(ipmitool("sel", "time", "get")), /^\d\d\/\d\d\/\d+ /);
    await succeeds(ipmitool("sel", "save", path.join(home, "sel")));
    await succeeds(ipmitool("sel", "add", path.join(home, "sel")));
    assert.match(await succeeds(ipmitool("sel", "delete", "1")), /Deleted entry 1/i);
  });

  test("ipmi-sel of FreeIPMI reads and clears", { skip: freeipmiPeer.skip }, async () => {
    const { code, stdout } = await freeipmi("ipmi-sel", "--no-header-output");
    assert.equal(code, 0);
    assert.match(stdout, /Log-in +\| Session Audit +\| Invalid Username or Password/);
    assert.match(stdout, /Guest OS +\| OS Boot +\| C: boot completed/);
    assert.equal((await freeipmi("ipmi-sel", "--clear")).code, 0);
    assert.match(await succeeds(ipmitool("sel", "elist")), /^ +1 \|.*Log area reset\/cleared \| Asserted\n$/);
  });

  test("readings are unavailable while the VM is off", async () => {
    inVsphere(() => (vm.powerState = "poweredOff"));
    await knows("Chassis Power is off\n");
    const shown = await succeeds(ipmitool("sdr", "elist", "all"));
    assert.match(shown, /^CPU Usage +\| 10h \| ns +\| +3\.1 \| No Reading$/m);
    assert.match(shown, /^Power Unit +\| 01h \| ok +\| 19\.1 \| Power off\/down$/m);
    assert.match(shown, /^ACPI State +\| 07h \| ok +\| +7\.1 \| S5\/G2: soft-off$/m);
    await switchOn();
  });

  test("pyghmi reads sensors, events, inventory and health", { skip: pyghmiPeer.skip }, async () => {
    await switchOn();
    const outcome = await run("/usr/bin/python3", ["-W", "ignore", "-c", pyghmiScript, String(port)]);
    assert.equal(outcome.code, 0, outcome.stderr);
    const { sensors, events, inventory, health } = JSON.parse(outcome.stdout) as {
      sensors: Record<string, number | null>;
      events: string[];
      inventory: Record<string, string>;
      health: number;
    };
    assert.deepEqual([sensors["CPU Usage"], sensors["Power"], sensors["Memory Consumed"]], [70, 36, 1800]);
    assert.ok(events.includes("Power on") && events.includes("Log clear"), events.join());
    assert.deepEqual([inventory["Product name"], inventory["Serial Number"]], ["lab-01", serial]);
    assert.equal(health, 0);
  });

  test("OpenIPMI finds the sensors", { skip: openipmiPeer.skip }, async () => {
    const open = `domain open d1 lan -U admin -P password -p ${port} 127.0.0.1`;
    const shell = spawn("openipmish", ["--execute", open], { stdio: ["pipe", "pipe", "ignore"] });
    const exited = once(shell, "exit");
    const wanted = new Set(["Name: d1(3.1).CPU Usage", "Name: d1(19.1).Power", "Name: d1(7.1).ACPI State"]);
    for await (const line of createInterface({ input: shell.stdout })) {
      wanted.delete(line.trim());
      if (line.includes("Domain fully up")) {
        shell.stdin.end("exit\n");
        break;
      }
    }
    assert.deepEqual(await exited, [0, null]);
    assert.deepEqual([...wanted], []);
  });

  test("ipmiutil reads sel, sensor and fru", { skip: ipmiutilPeer.skip || notRoot }, async () => {
    await daemon.vbmc("stop", "lab-02");
    await daemon.vbmc("delete", "lab-02");
    await addBmc("lab-02", "--address", address623, "--port", "623");
    const session = ["-N", address623, "-U", "admin", "-P", "password", "-F", "lan2", "-V", "4"];
    const ipmiutil = (command: string): Promise<Outcome> =>
      run("ipmiutil", [command, ...session], { env: { ...process.env, HOME: home } });
    assert.match((await ipmiutil("sel")).stdout, /Mgmt|BMC/);
    assert.match((await ipmiutil("sensor")).stdout, /CPU Usage/);
    assert.match((await ipmiutil("fru")).stdout, /lab-02/);
  });

  test("fence_ipmilan switches the VM off and on", { skip: fencePeer.skip }, async () => {
    await switchOn();
    const fence = (action: string): Promise<Outcome> =>
      run("fence_ipmilan", [
        ...["--ip=127.0.0.1", `--ipport=${port}`, "--username=admin", "--password=password", "--lanplus"],
        `--action=${action}`,
      ]);
    assert.match((await fence("status")).stdout, /Status: ON/);
    assert.equal((await fence("off")).code, 0);
    assert.equal(vm.powerState, "poweredOff");
    assert.equal((await fence("on")).code, 0);
    assert.equal(vm.powerState, "poweredOn");
  });

  test("tools that ask for event filtering learn that there is none", { skip: freeipmiPeer.skip }, async () => {
    assert.match((await ipmitool("pef", "policy", "list")).stderr, /isn't supported/);
    await succeeds(ipmitool("pef", "status"));
    assert.match((await freeipmi("ipmi-pef-config", "--info")).stdout, /Number of Event Filter Table entries +: 0/);
  });
});

const [, govmomi] = vcenters;

describe("inventory on govmomi's simulator", { skip: ipmitoolPeer.skip || govmomi!.skip }, () => {
  let running: RunningVcenter;
  let daemon: Daemon;

  before(async () => {
    running = await govmomi!.start(1);
    daemon = await startDaemon();
  });

  after(async () => {
    await daemon.close();
    await running.close();
  });

  test("sensors show what it knows, and the rest as unavailable", async () => {
    const port = await freeUdpPort();
    const viserver = ["--viserver", new URL(running.url).host, "--viserver-username", running.username];
    await daemon.vbmc(
      ...["add", "DC0_H0_VM0", "--port", String(port), ...viserver, "--viserver-password", running.password],
    );
    assert.equal((await daemon.vbmc("start", "DC0_H0_VM0")).code, 0);
    const session = ["-I", "lanplus", "-H", "127.0.0.1", "-p", String(port), "-U", "admin", "-P", "password"];
    const shown = await until("it is on", async () => {
      const { code, stdout } = await run("ipmitool", [...session, "sdr", "elist", "all"]);
      assert.equal(code, 0);
      return /^ACPI State .* S0\/G0/m.test(stdout) && stdout;
    });
    assert.match(shown, /^Network Rate +\| 16h \| ok/m);
    assert.match(shown, /^VMware Tools +\| 04h \| (ok|ns)/m);
  });
});
