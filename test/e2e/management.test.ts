/** Management by real clients: identity, chassis, users, channel and LAN, watchdog; what they read is the VM's own. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";

import { peer } from "../support/peer.js";
import { freeUdpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { type Daemon, startDaemon } from "../support/stack.js";
import { swapUuid } from "../support/swapUuid.js";
import { type RunningVcenter, vcenters } from "../support/vcenters.js";
import { hasPyvmomi, openWitness, type Witness } from "../support/witness.js";

const peers = [
  peer("ipmitool", () => isCommand("ipmitool")),
  peer("freeipmi-tools", () => isCommand("bmc-config")),
  peer("openipmi", () => isCommand("openipmish")),
  peer("python3-pyvmomi", hasPyvmomi),
  peer("python3-pyghmi", () => spawnSync("/usr/bin/python3", ["-W", "ignore", "-c", "import pyghmi"]).status === 0),
];
const ipmiutilPeer = peer("ipmiutil", () => isCommand("ipmiutil"));
const bind623 = 'require("node:dgram").createSocket("udp4").bind(623, "127.0.6.23", function () { this.close(); })';
const isPort623Free = spawnSync(process.execPath, ["-e", bind623], { stdio: "ignore" }).status === 0;
const skip = peers.map((each) => each.skip).find((reason) => reason !== false) ?? false;

const [simulator] = vcenters;

describe("management by real clients", { skip }, () => {
  let running: RunningVcenter;
  let witness: Witness;
  let daemon: Daemon;
  let vmName: string;
  let port: number;

  before(async () => {
    running = await simulator!.start(1);
    witness = await openWitness(running.url, running.username, running.password);
    vmName = (await witness.names())[0]!;
    daemon = await startDaemon();
    port = await freeUdpPort();
    const viserver = ["--viserver", new URL(running.url).host, "--viserver-username", running.username];
    const added = await daemon.vbmc(
      ...["add", vmName, "--port", String(port), ...viserver, "--viserver-password", running.password],
    );
    assert.deepEqual(added, { code: 0, stdout: "", stderr: "" });
    assert.deepEqual(await daemon.vbmc("start", vmName), { code: 0, stdout: "", stderr: "" });
    await witness.change(vmName, "PowerOn");
    await until("it is on", async () => (await ipmitool("power status")).stdout === "Chassis Power is on\n");
  });

  after(async () => {
    await daemon.close();
    await witness.close();
    await running.close();
  });

  function ipmitoolAs(user: string, password: string, command: string, ...options: string[]): Promise<Outcome> {
    const session = ["-I", "lanplus", "-H", "127.0.0.1", "-p", String(port), "-U", user, "-P", password, ...options];
    return run("ipmitool", [...session, ...command.split(" ")]);
  }

  const ipmitool = (command: string): Promise<Outcome> => ipmitoolAs("admin", "password", command);

  function freeipmi(command: string): Promise<Outcome> {
    const [tool = "", ...args] = command.split(" ");
    const session = ["-h", `127.0.0.1:${port}`, "-u", "admin", "-p", "password", "-D", "LAN_2_0"];
    return run(tool, [...args, ...session]);
  }

  async function succeeds(outcome: Promise<Outcome>): Promise<string> {
    const { code, stdout, stderr } = await outcome;
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  }

  /** [ipmitool arguments, what it shows of the VM, the host and the BMC] */
  const readOuts: readonly (readonly [string, RegExp])[] = [
    ["mc info", /Manufacturer Name +: VMware Inc\.[^]*Chassis Device/],
    ["mc selftest", /^Selftest: passed\n$/],
    ["mc getenables", /System Event Logging +: enabled/],
    ["mc getsysinfo system_name", /^vm-01\n$/],
    ["mc getsysinfo primary_os_name", /^VMware ESXi 7\.0 or later\n$/],
    ["mc getsysinfo os_name", /^VMware ESXi 7\.0 or later\n$/],
    ["mc watchdog get", /Watchdog Timer Is: +Stopped/],
    ["chassis status", /System Power +: on[^]*Power Restore Policy : always-off[^]*Cooling\/Fan Fault +: false/],
    ["chassis poh", /^POH Counter +: 0 days, 0 hours, \d+ minutes\n$/],
    ["chassis restart_cause", /^System restart cause: /],
    ["chassis policy list", /always-off always-on previous/],
    ["chassis selftest", /passed/],
    ["chassis bootparam get 0", /set complete/],
    ["chassis bootparam get 1", /Service Partition Selector : unspecified/],
    ["chassis bootparam get 2", /Service Partition Scan/],
    ["chassis bootparam get 3", /BMC boot flag valid bit clearing/],
    ["chassis bootparam get 4", /Boot Info Acknowledge/],
    ["chassis bootparam get 5", /No override/],
    ["chassis bootparam get 6", /Boot Initiator Info/],
    ["chassis bootparam get 7", /Block Data/],
    [
      "lan print",
      /MAC Address +: 02:00:00:[^]*Default Gateway IP[^]*RMCP\+ Cipher Suites +: 3,17\nCipher Suite Priv Max +: XXXa/,
    ],
    ["lan stats get", /UDP Rx Packet/],
    ["channel info 1", /802\.3 LAN[^]*always available/],
    ["channel getaccess 1 2", /Privilege Level +: ADMINISTRATOR\nEnable Status +: enabled/],
    ["channel getciphers ipmi 1", /3 +N\/A +hmac_sha1 [^]*17 +N\/A +hmac_sha256/],
    ["user list 1", /2 +admin +true +false +true +ADMINISTRATOR\n/],
    ["user summary 1", /Maximum IDs\t +: 16\nEnabled User Count +: 1\n/],
    ["firewall info", /00,06 support/],
  ];
  for (const [command, shown] of readOuts) {
    test(`ipmitool ${command} succeeds`, async () => assert.match(await succeeds(ipmitool(command)), shown));
  }

  test("ipmitool mc guid shows the UUID that the guest sees in SMBIOS", async () => {
    const seen = await succeeds(ipmitool("mc guid smbios"));
    const { uuid } = await witness.look(vmName);
    assert.ok(seen.includes(swapUuid(uuid)), seen);
  });

  /** [FreeIPMI command, what it shows] */
  const freeipmiReadOuts: readonly (readonly [string, RegExp])[] = [
    ["bmc-info", /Chassis Device +: supported[^]*System GUID : /],
    ["ipmi-chassis --get-chassis-capabilities", /Diagnostic Interrupt +: provided/],
    ["ipmi-chassis --get-chassis-status", /System Power +: on[^]*Chassis Identify state +: off/],
    ["ipmi-chassis --get-system-restart-cause", /Restart cause : /],
    ["ipmi-chassis --get-power-on-hours-counter", /Power on hours : 0 Hours \d+ Minutes/],
    ["bmc-device --get-self-test-results", /No Error/],
    ["bmc-device --get-acpi-power-state", /ACPI System Power State : S0\/G0/],
    ["bmc-device --get-lan-statistics", /Valid RMCP Packets Received +: [1-9]/],
    ["ipmi-chassis-config --checkout", /Power_Restore_Policy +Off_State_AC_Apply[^]*Boot_Device +NO-OVERRIDE/],
    ["bmc-config --checkout -S User2", /Username +admin[^]*Lan_Privilege_Limit +Administrator/],
    ["bmc-config --checkout -S Lan_Channel", /Non_Volatile_Access_Mode +Always_Available/],
    ["bmc-config --checkout -S Lan_Conf", /MAC_Address +02:00:00:[^]*Backup_Gateway_MAC_Address +00:00:00:00:00:00/],
  ];
  for (const [command, shown] of freeipmiReadOuts) {
    test(`FreeIPMI's ${command} succeeds`, async () => assert.match(await succeeds(freeipmi(command)), shown));
  }

  test("FreeIPMI's bmc-config reads all sections, and ends with 1 because of what no VM has (docs/protocol.md)", async () => {
    const { code, stdout, stderr } = await freeipmi("bmc-config --checkout");
    assert.deepEqual([code, stderr], [1, ""]);
    assert.match(stdout, /Section User16[^]*Maximum_Privilege_Cipher_Suite_Id_3 +Administrator/);
  });

  /** These two ask for what no BMC of VMware's could have, without -vv too (docs/protocol.md). */
  const endWithOne = ["Lan_Conf_Auth", "Rmcpplus_Conf_Privilege"];

  for (const tool of ["bmc-config", "ipmi-chassis-config", "ipmi-pef-config", "ipmi-config --category=dcmi"]) {
    test(`FreeIPMI's ${tool} reads every section that it lists`, async () => {
      const sections = (await succeeds(freeipmi(`${tool} -L`))).trim().split("\n");
      assert.ok(sections.length > 0);
      for (const section of sections) {
        const { code, stdout, stderr } = await freeipmi(`${tool} --checkout -S ${section}`);
        assert.deepEqual([section, code, stderr], [section, endWithOne.includes(section) ? 1 : 0, ""]);
        assert.match(stdout, /EndSection/);
      }
    });
  }

  test("FreeIPMI reads the thresholds of all sensors", async () => {
    const cache = await mkdtemp(path.join(tmpdir(), "vbmc-sdr-"));
    await succeeds(freeipmi(`ipmi-sensors-config --checkout --quiet-cache --sdr-cache-directory=${cache}`));
    await rm(cache, { recursive: true });
  });

  test("what it cannot read is what docs/protocol.md says, and nothing else", async () => {
    const { stdout } = await freeipmi("bmc-config --checkout -vv");
    const keys = [...stdout.matchAll(/Unable to checkout (\S+?):(\S+)/g)].map(
      ([, section, key]) => `${section}:${key}`,
    );
    const foreseen = /^Rmcpplus_Conf_Privilege:.*_Id_(?!3$)/;
    assert.ok(keys.includes("Rmcpplus_Conf_Privilege:Maximum_Privilege_Cipher_Suite_Id_0"), stdout);
    assert.deepEqual(
      keys.filter((key) => !foreseen.test(key)),
      [],
    );
  });

  test("FreeIPMI commits what it has checked out of any section, and finds no difference then", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "vbmc-config-"));
    for (const category of ["core", "chassis", "pef", "dcmi"]) {
      const file = path.join(folder, category);
      const { stdout, stderr } = await freeipmi(`ipmi-config --category=${category} --checkout`);
      assert.equal(stderr, "");
      await writeFile(file, stdout);
      await succeeds(freeipmi(`ipmi-config --category=${category} --commit -n ${file}`));
      await succeeds(freeipmi(`ipmi-config --category=${category} --diff -n ${file}`));
    }
    await rm(folder, { recursive: true });
  });

  test("FreeIPMI sets what it read: power restore policy and power cycle interval", async () => {
    const policy = "Chassis_Power_Conf:Power_Restore_Policy";
    await succeeds(freeipmi(`ipmi-chassis-config --commit -e ${policy}=Restore_State_AC_Apply`));
    assert.match(await succeeds(ipmitool("chassis status")), /Power Restore Policy : previous/);
    await succeeds(freeipmi(`ipmi-chassis-config --commit -e ${policy}=Off_State_AC_Apply`));
    await succeeds(freeipmi("ipmi-chassis --set-power-cycle-interval=1"));
    await succeeds(freeipmi("ipmi-chassis --set-power-cycle-interval=0"));
  });

  test("chassis identify is on until it is turned off", async () => {
    await succeeds(ipmitool("chassis identify force"));
    assert.match(await succeeds(freeipmi("ipmi-chassis --get-chassis-status")), /Identify state +: Indefinite on/);
    await succeeds(ipmitool("chassis identify 0"));
    assert.match(await succeeds(freeipmi("ipmi-chassis --get-chassis-status")), /Identify state +: off/);
  });

  test("after a power cycle the restart cause is the command, and so is the last power event", async () => {
    await succeeds(ipmitool("chassis power cycle"));
    await until("it is on", async () => (await witness.look(vmName)).powerState === "poweredOn");
    await until("the restart cause", async () =>
      (await ipmitool("chassis restart_cause")).stdout.includes("chassis power control command"),
    );
    assert.match(await succeeds(ipmitool("chassis status")), /Last Power Event +: command/);
  });

  test("a user that ipmitool sets up logs in at once, up to its privilege, also after a restart", async () => {
    for (const command of [
      "user set name 3 ops",
      "user set password 3 a-secret",
      "user priv 3 3 1",
      "user enable 3",
      "sol payload enable 1 3",
    ]) {
      await succeeds(ipmitool(command));
    }
    await succeeds(ipmitool("user test 3 16 a-secret"));
    assert.notEqual((await ipmitool("user test 3 16 another")).code, 0);
    const asOperator = (command: string): Promise<Outcome> => ipmitoolAs("ops", "a-secret", command, "-L", "OPERATOR");
    await succeeds(asOperator("mc info"));
    assert.notEqual((await asOperator("user disable 3")).code, 0);
    assert.notEqual((await ipmitoolAs("ops", "a-secret", "mc info")).code, 0, "not as ADMINISTRATOR");
    await daemon.vbmc("stop", vmName);
    await daemon.vbmc("start", vmName);
    await succeeds(asOperator("mc info"));
    await succeeds(ipmitool("user disable 3"));
    assert.notEqual((await asOperator("mc info")).code, 0);
    assert.equal(await modeOf("users.json"), 0o600);
  });

  test("ipmitool cannot disable or demote the last administrator", async () => {
    assert.notEqual((await ipmitool("user disable 2")).code, 0);
    assert.notEqual((await ipmitool("user priv 2 2 1")).code, 0);
    await succeeds(ipmitool("user list 1"));
  });

  test("a user that bmc-config commits logs in", async () => {
    const keys = [
      "User5:Username=fred",
      "User5:Password=from-freeipmi",
      "User5:Enable_User=Yes",
      "User5:Lan_Enable_IPMI_Msgs=Yes",
      "User5:Lan_Privilege_Limit=User",
    ];
    for (const key of keys) {
      await succeeds(freeipmi(`bmc-config --commit -e ${key}`));
    }
    await succeeds(ipmitoolAs("fred", "from-freeipmi", "mc info", "-L", "USER"));
  });

  test("bmc-config commits its own checkout of Lan_Channel, and what it makes non-volatile outlives the BMC", async () => {
    const checkout = await succeeds(freeipmi("bmc-config --checkout -S Lan_Channel"));
    const file = path.join(daemon.home, "lan-channel.conf");
    await writeFile(file, checkout);
    await succeeds(freeipmi(`bmc-config --commit --filename=${file}`));
    await succeeds(freeipmi("bmc-config --commit -e Lan_Channel:Non_Volatile_Access_Mode=Shared"));
    await daemon.vbmc("stop", vmName);
    await daemon.vbmc("start", vmName);
    assert.match(
      await succeeds(freeipmi("bmc-config --checkout -S Lan_Channel")),
      /\tVolatile_Access_Mode +Shared[^]*Non_Volatile_Access_Mode +Shared/,
    );
    assert.equal(await modeOf("channel.json"), 0o600);
  });

  test("the password that IPMI gave the configured account is in force until the file is edited", async () => {
    await succeeds(ipmitool("user set password 2 by-ipmi"));
    assert.notEqual((await ipmitool("mc info")).code, 0);
    await succeeds(ipmitoolAs("admin", "by-ipmi", "mc info"));
    const file = path.join(daemon.home, ".vbmc", vmName, "config");
    const before = await readFile(file, "utf8");
    await writeFile(file, before.replace("password = password", "password = by-hand"));
    await until(
      "the new password is good",
      async () => (await ipmitoolAs("admin", "by-hand", "mc info", "-R", "1")).code === 0,
    );
    await writeFile(file, before);
    await until(
      "the former password is good",
      async () => (await ipmitoolAs("admin", "password", "mc info", "-R", "1")).code === 0,
    );
  });

  test("pyghmi manages users, and reads the network configuration", async () => {
    const { code, stdout, stderr } = await run("/usr/bin/python3", ["-W", "ignore", "-c", pyghmiScript, String(port)]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^16\npy operator\nTrue\n02:00:00:/);
  });

  test("OpenIPMI brings its domain fully up", async () => {
    const open = `domain open d1 lan -U admin -P password -p ${port} 127.0.0.1`;
    const shell = spawn("openipmish", ["--execute", open], { stdio: ["pipe", "pipe", "ignore"] });
    const exited = once(shell, "exit");
    for await (const line of createInterface({ input: shell.stdout })) {
      if (line.includes("Domain fully up")) {
        shell.stdin.end("exit\n");
        break;
      }
    }
    assert.deepEqual(await exited, [0, null]);
  });

  describe(
    "ipmiutil, which knows no port but 623",
    { skip: ipmiutilPeer.skip || (!isPort623Free && "port 623 cannot be bound") },
    () => {
      const address = "127.0.6.23";
      const ipmiutil = (command: string): Promise<Outcome> =>
        run("ipmiutil", [
          ...command.split(" "),
          "-N",
          address,
          "-U",
          "admin",
          "-P",
          "password",
          "-F",
          "lan2",
          "-V",
          "4",
        ]);

      before(async () => {
        assert.equal((await daemon.vbmc("set", vmName, "--address", address, "--port", "623")).code, 0);
      });

      after(async () => {
        assert.equal((await daemon.vbmc("set", vmName, "--address", "::", "--port", String(port))).code, 0);
      });

      for (const [command, shown] of [
        ["health", /chassis_power +=[^]*Chan 1 AuthTypes += MD5/],
        ["wdt", /Watchdog timer is stopped/],
        ["user list", /User {2}2: chan=1 +\t enabled \t {2}Admin/],
        ["lan", /IP address: 127\.0\.6\.23[^]*Lan Param\(23\) Cipher Suites +: {2}3 17/],
        ["config", /SystemParam 1,2: +76 6d 2d 30 31/],
      ] as const) {
        test(`ipmiutil ${command} succeeds`, async () => {
          const { code, stdout } = await ipmiutil(command);
          assert.match(stdout, shown);
          assert.equal(code, 0);
        });
      }

      test("a user that ipmiutil sets up logs in", async () => {
        for (const command of ["user set 9 name util", "user set 9 password from-util", "user set 9 priv 2"]) {
          assert.equal((await ipmiutil(command)).code, 0);
        }
        const session = ["-I", "lanplus", "-H", address, "-U", "util", "-P", "from-util", "-L", "USER"];
        await succeeds(run("ipmitool", [...session, "mc", "info"]));
      });
    },
  );

  for (const kind of ["cold", "warm"]) {
    test(`ipmitool mc reset ${kind} leaves the VM on and the BMC there`, async () => {
      assert.match((await ipmitool(`mc reset ${kind}`)).stdout, new RegExp(`Sent ${kind} reset command to MC`));
      await succeeds(ipmitool("mc info"));
      assert.equal((await witness.look(vmName)).powerState, "poweredOn");
    });
  }

  test("a watchdog that is not reset switches the VM off, and says so", async () => {
    assert.equal((await ipmitool("mc watchdog set timeout=1 action=poweroff use=oem")).code, 0);
    await succeeds(ipmitool("mc watchdog reset"));
    await until("it is off", async () => (await witness.look(vmName)).powerState === "poweredOff");
    assert.match(await succeeds(ipmitool("mc watchdog get")), /Is: +Stopped[^]*Expiration Flags: .*0x20/);
    await daemon.logged("the watchdog timer expired");
  });

  test("the policy “always on” switches a VM on that the BMC finds off at its start", async () => {
    await succeeds(ipmitool("power off"));
    await succeeds(ipmitool("chassis policy always-on"));
    await daemon.vbmc("stop", vmName);
    assert.equal((await witness.look(vmName)).powerState, "poweredOff");
    await daemon.vbmc("start", vmName);
    await until("it is on", async () => (await witness.look(vmName)).powerState === "poweredOn");
    await until("the restart cause", async () =>
      (await ipmitool("chassis restart_cause")).stdout.includes("always-restore"),
    );
    await succeeds(ipmitool("chassis policy always-off"));
  });

  async function modeOf(file: string): Promise<number> {
    return (await stat(path.join(daemon.home, ".vbmc", vmName, file))).mode & 0o777;
  }
});

const pyghmiScript = `
import sys
from pyghmi.ipmi.command import Command
bmc = Command(bmc="127.0.0.1", userid="admin", password="password", port=int(sys.argv[1]))
print(bmc.get_channel_max_user_count())
bmc.create_user(uid=7, name="py", password="from-pyghmi", privilege_level="operator")
user = bmc.get_user(7)
print(user["name"], user["access"]["privilege_level"])
print(bmc.user_delete(7))
print(bmc.get_net_configuration()["mac_address"])
bmc.set_identify(duration=1)
bmc.get_channel_access()
bmc.get_channel_info()
`;
import { until } from "../support/patience.js";
