/** Every command of the README's list, by real clients, on real sockets, looked at through pyVmomi. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";

import { peer } from "../support/peer.js";
import { freeUdpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { type Daemon, startDaemon } from "../support/stack.js";
import { swapUuid } from "../support/swapUuid.js";
import { type RunningVcenter, vcenters } from "../support/vcenters.js";
import { hasPyvmomi, openWitness, type Witness } from "../support/witness.js";

const ipmitoolPeer = peer("ipmitool", () => isCommand("ipmitool"));
const witnessPeer = peer("python3-pyvmomi", hasPyvmomi);

const pyghmiPeer = peer(
  "python3-pyghmi",
  () => spawnSync("/usr/bin/python3", ["-W", "ignore", "-c", "import pyghmi"]).status === 0,
);
const pyghmiScript = `
import sys
from pyghmi.ipmi.command import Command
bmc = Command(bmc="127.0.0.1", userid="admin", password="password", port=int(sys.argv[1]))
print(bmc.get_power()["powerstate"])
print(bmc.set_power("on", wait=20)["powerstate"])
bmc.set_bootdev("network")
print(bmc.get_bootdev()["bootdev"])
`;

/** [ipmitool arguments, power state before, power state after] */
const powerCases: readonly (readonly [string, "poweredOn" | "poweredOff", "poweredOn" | "poweredOff"])[] = [
  ["power on", "poweredOff", "poweredOn"],
  ["power on", "poweredOn", "poweredOn"],
  ["power off", "poweredOn", "poweredOff"],
  ["power off", "poweredOff", "poweredOff"],
  ["power cycle", "poweredOn", "poweredOn"],
  ["power reset", "poweredOn", "poweredOn"],
];

/** [bootdev arguments, first boot device of the VM afterwards, BIOS set-up entered, what `bootparam get 5` shows] */
const bootCases: readonly (readonly [string, string | undefined, boolean, RegExp])[] = [
  ["pxe", "ethernet", false, /only next boot[^]*Force PXE/],
  ["disk", "disk", false, /only next boot[^]*Force Boot from default Hard-Drive/],
  ["cdrom options=persistent", "cdrom", false, /all future boots[^]*Force Boot from CD\/DVD/],
  ["bios", "cdrom", true, /only next boot[^]*Force Boot into BIOS Setup/],
  ["none", undefined, false, /No override/],
];

for (const vcenter of vcenters) {
  const skip = ipmitoolPeer.skip || witnessPeer.skip || vcenter.skip;
  describe(`a BMC on ${vcenter.name}`, { skip }, () => {
    let running: RunningVcenter;
    let witness: Witness;
    let daemon: Daemon;
    let vmName: string;
    let port: number;

    before(async () => {
      running = await vcenter.start(2);
      witness = await openWitness(running.url, running.username, running.password);
      vmName = (await witness.names())[0]!;
      daemon = await startDaemon();
      port = await freeUdpPort();
      const { host } = new URL(running.url);
      const viserver = ["--viserver", host, "--viserver-username", running.username];
      const added = await daemon.vbmc(
        ...["add", vmName, "--port", String(port), ...viserver, "--viserver-password", running.password],
      );
      assert.deepEqual(added, { code: 0, stdout: "", stderr: "" });
      assert.deepEqual(await daemon.vbmc("start", vmName), { code: 0, stdout: "", stderr: "" });
    });

    after(async () => {
      await daemon.close();
      await witness.close();
      await running.close();
    });

    function ipmitool(command: string, host = "127.0.0.1", ...options: string[]): Promise<Outcome> {
      const session = ["-I", "lanplus", "-H", host, "-p", String(port), "-U", "admin", "-P", "password", ...options];
      return run("ipmitool", [...session, ...command.split(" ")]);
    }

    async function bringTo(state: "poweredOn" | "poweredOff"): Promise<void> {
      if ((await witness.look(vmName)).powerState !== state) {
        await witness.change(vmName, state === "poweredOn" ? "PowerOn" : "PowerOff");
      }
      const shown = `Chassis Power is ${state === "poweredOn" ? "on" : "off"}\n`;
      while ((await ipmitool("power status")).stdout !== shown) {
        // The push from vCenter is awaited by asking: it has no other event that a client could see.
      }
    }

    for (const [command, from, to] of powerCases) {
      test(`${command} on a VM that is ${from} leaves it ${to}, and power status says so at once`, async () => {
        await bringTo(from);
        const outcome = await ipmitool(command);
        assert.deepEqual([outcome.code, outcome.stderr], [0, ""]);
        const status = await ipmitool("power status");
        assert.equal(status.stdout, `Chassis Power is ${to === "poweredOn" ? "on" : "off"}\n`);
        assert.equal((await witness.look(vmName)).powerState, to);
      });
    }

    test("power soft asks the guest, and on a VM that is off there is nothing to do", async () => {
      await bringTo("poweredOn");
      assert.deepEqual((await ipmitool("power soft")).stderr, "");
      while ((await witness.look(vmName)).powerState !== "poweredOff") {
        // The guest takes its time, and pyVmomi is asked for news.
      }
      await bringTo("poweredOff");
      assert.deepEqual((await ipmitool("power soft")).stderr, "");
    });

    test("after power reset the restart cause is the command, also where a reset shows as off and on again", async () => {
      await bringTo("poweredOff");
      await witness.change(vmName, "PowerOn");
      while ((await ipmitool("power status")).stdout !== "Chassis Power is on\n") {
        // Asking takes long enough in itself.
      }
      assert.match((await ipmitool("chassis restart_cause")).stdout, /unknown/);
      assert.equal((await ipmitool("power reset")).code, 0);
      while ((await ipmitool("power status")).stdout !== "Chassis Power is on\n") {
        // The same.
      }
      assert.match((await ipmitool("chassis restart_cause")).stdout, /chassis power control command/);
    });

    test("power diag sends the interrupt where the server can", async () => {
      await bringTo("poweredOn");
      const outcome = await ipmitool("power diag");
      if (running.nmiCount) {
        assert.deepEqual([outcome.code, outcome.stderr], [0, ""]);
        assert.equal(running.nmiCount(vmName), 1);
      } else {
        assert.notEqual(outcome.code, 0, "a server that cannot is not said to have done it");
      }
    });

    for (const command of ["power cycle", "power reset", "power diag"]) {
      test(`${command} on a VM that is off is refused and leaves it off`, async () => {
        await bringTo("poweredOff");
        const outcome = await ipmitool(command);
        assert.notEqual(outcome.code, 0);
        assert.equal((await witness.look(vmName)).powerState, "poweredOff");
      });
    }

    for (const [device, first, bios, shown] of bootCases) {
      test(`chassis bootdev ${device} arrives at the VM and is read back`, async () => {
        assert.equal((await ipmitool(`chassis bootdev ${device}`)).code, 0);
        const seen = await witness.look(vmName);
        assert.deepEqual([seen.bootOrder[0], seen.enterBiosSetup], [first, bios]);
        assert.match((await ipmitool("chassis bootparam get 5")).stdout, shown);
      });
    }

    test("chassis bootdev floppy: the VM's drive, or CCh where it has none", async () => {
      const { stdout, stderr } = await ipmitool("chassis bootdev floppy");
      if (vcenter.hasFloppy) {
        assert.equal((await witness.look(vmName)).bootOrder[0], "floppy");
      } else {
        assert.deepEqual([stdout, /Invalid data field in request/.test(stderr)], ["", true]);
        await daemon.logged("the VM has no floppy device to boot from");
      }
    });

    test("a boot device for the next boot is gone after the VM has started with it", async () => {
      await bringTo("poweredOff");
      assert.equal((await ipmitool("chassis bootdev pxe")).code, 0);
      assert.match((await ipmitool("chassis bootparam get 5")).stdout, /Boot Flag Valid/);
      assert.equal((await ipmitool("power on")).code, 0);
      assert.match((await ipmitool("chassis bootparam get 5")).stdout, /Boot Flag Invalid/);
      if (vcenter.toolsComeUp) {
        await daemon.logged("the previous boot order is restored");
        assert.deepEqual((await witness.look(vmName)).bootOrder, []);
      }
    });

    for (const [host, ...options] of [["127.0.0.1"], ["127.0.0.1", "-C", "3"], ["::1"], ["::1", "-C", "17"]]) {
      test(`ipmitool at ${host} ${options.join(" ")} opens a session`, async () => {
        const outcome = await ipmitool("mc info", host, ...options);
        assert.deepEqual([outcome.code, outcome.stderr], [0, ""]);
        assert.match(outcome.stdout, /IPMI Version +: 2\.0/);
      });
    }

    test("lan print 1 shows the fake MAC of the VM", async () => {
      const outcome = await ipmitool("lan print 1");
      assert.deepEqual([outcome.code, outcome.stderr], [0, ""]);
      assert.match(outcome.stdout, /MAC Address +: 02:00:00(:[0-9a-f]{2}){3}/);
    });

    test("mc guid shows the UUID that the guest reads, in the form of SMBIOS 2.7", async () => {
      const { uuid } = await witness.look(vmName);
      const outcome = await ipmitool("mc guid smbios");
      assert.ok(outcome.stdout.toLowerCase().includes(swapUuid(uuid.toLowerCase())), outcome.stdout);
    });

    test("an unknown command is answered with C1h", async () => {
      const outcome = await ipmitool("raw 0x2e 0x01");
      assert.match(outcome.stderr, /rsp=0xc1/);
    });

    test("pyghmi reads and switches power and boot device", { skip: pyghmiPeer.skip }, async () => {
      await bringTo("poweredOff");
      const outcome = await run("/usr/bin/python3", ["-W", "ignore", "-c", pyghmiScript, String(port)]);
      assert.equal(outcome.stdout, "off\non\nnetwork\n", outcome.stderr);
      assert.equal((await witness.look(vmName)).powerState, "poweredOn");
    });

    test("a wrong password opens no session, at once", async () => {
      const outcome = await ipmitool("power status", "127.0.0.1", "-P", "wrong");
      assert.notEqual(outcome.code, 0);
    });

    test(
      "ipmipower sees the power state",
      { skip: peer("freeipmi-tools", () => isCommand("ipmipower")).skip },
      async () => {
        await bringTo("poweredOff");
        const outcome = await run("ipmipower", [
          ...["-h", `127.0.0.1:${port}`, "-u", "admin", "-p", "password", "-D", "LAN_2_0", "--stat"],
        ]);
        assert.match(outcome.stdout, /^127\.0\.0\.1(:\d+)?: off\n$/);
      },
    );
  });
}
