/** What monitors make of a BMC: their commands, word for word, and that only trouble is a warning to them. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";

import { until } from "../support/patience.js";
import { isPythonModule, peer } from "../support/peer.js";
import { freeTcpPort } from "../support/ports.js";
import { isCommand } from "../support/programs.js";
import { startTwoBmcs, type TwoBmcs } from "../support/twoBmcs.js";

const peers = [
  peer("ipmitool", () => isCommand("ipmitool")),
  peer("freeipmi-tools", () => isCommand("ipmi-sel")),
  peer("python3-pyghmi", () => isPythonModule("pyghmi")),
];
const skip = peers.map((each) => each.skip).find((reason) => reason !== false) ?? false;
const exporterPeer = peer("prometheus-ipmi-exporter", () => isCommand("prometheus-ipmi-exporter"));

const ipmitool = "ipmitool -I lanplus -H 127.0.0.1 -p PORT -U admin -P password";
const session = "-h 127.0.0.1:PORT -u admin -p password --driver-type=LAN_2_0";
const freeipmi = `${session} --sdr-cache-directory=HOME/cache`;
const selStates = `ipmi-sel ${freeipmi} --quiet-cache --output-event-state --interpret-oem-data --entity-sensor-names --comma-separated-output --no-header-output`;

describe("monitors", { skip }, () => {
  let bmcs: TwoBmcs;

  before(async () => {
    bmcs = await startTwoBmcs();
    await mkdir(path.join(bmcs.home, "cache"));
  });
  after(() => bmcs.close());

  async function succeeds(line: string): Promise<string> {
    const { code, stdout, stderr } = await bmcs.sh(line);
    assert.equal(code, 0, `${line}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Something happens in vSphere, behind the BMC's back; resolves when the BMC shows it. */
  async function inVsphere(state: "poweredOn" | "poweredOff" | "suspended", toolsRunning = true): Promise<void> {
    const vm = bmcs.vm("lab-01");
    vm.powerState = state;
    vm.toolsRunning = toolsRunning;
    bmcs.simulator.inventory.changed(vm);
    const shown = state === "poweredOn" ? "on" : "off";
    await until(`it is ${shown}`, async () => (await succeeds(`${ipmitool} power status`)).includes(`is ${shown}`));
  }

  test("ordinary life leaves nothing in the SEL that FreeIPMI does not call nominal", async () => {
    for (const device of ["disk options=persistent", "pxe"]) {
      await succeeds(`${ipmitool} chassis bootdev ${device}`);
      await succeeds(`${ipmitool} power on`);
      await succeeds(`${ipmitool} power cycle`);
      await succeeds(`${ipmitool} power reset`);
      await succeeds(`${ipmitool} power off`);
    }
    await succeeds(`${ipmitool} power on`);
    await succeeds(`${ipmitool} power soft`);
    await inVsphere("poweredOff");
    for (const [state, tools] of [
      ["poweredOn", false],
      ["poweredOn", true],
      ["poweredOn", false],
      ["suspended", false],
      ["poweredOn", true],
    ] as const) {
      await inVsphere(state, tools);
    }
    const vm = bmcs.vm("lab-01");
    vm.host = 1 - vm.host;
    bmcs.simulator.inventory.changed(vm);
    await succeeds(`${ipmitool} mc reset cold`);
    await succeeds(`${ipmitool} mc reset warm`);
    for (const name of ["lab-01", "lab-02"]) {
      assert.equal((await bmcs.daemon.vbmc("stop", name)).code, 0);
      assert.equal((await bmcs.daemon.vbmc("start", name)).code, 0);
    }
    const records = (await succeeds(selStates)).trim().split("\n");
    const states = new Set(records.map((record) => record.split(",")[5]));
    assert.deepEqual([...states], ["Nominal"], records.join("\n"));
    const boots = records.filter((record) => record.includes("Guest OS"));
    assert.ok(boots.length >= 4, records.join("\n"));
    const elist = await succeeds(`${ipmitool} sel elist`);
    assert.match(elist, /OS Boot Guest OS \| PXE boot completed/);
    assert.doesNotMatch(elist, /not specified/);
  });

  test("of a VM whose boot device is unknown the boot is left out, and one without Tools shows none", async () => {
    const other = ipmitool.replace("PORT", "PORT2");
    await succeeds(`${other} power on`);
    await succeeds(`${other} power reset`);
    await succeeds(`${other} power off`);
    const states = (await succeeds(selStates.replace("PORT", "PORT2"))).trim().split("\n");
    assert.ok(
      states.every((record) => record.split(",")[5] === "Nominal" && !record.includes("Guest OS")),
      states.join(),
    );
  });

  const sensorStates = `ipmi-sensors ${freeipmi} --quiet-cache --output-sensor-state --interpret-oem-data --ignore-not-available-sensors --comma-separated-output --no-header-output`;
  for (const [what, prepare] of [
    ["on", () => inVsphere("poweredOn")],
    ["on, without Tools", () => inVsphere("poweredOn", false)],
    ["suspended", () => inVsphere("suspended")],
    ["off", () => inVsphere("poweredOff")],
  ] as const) {
    test(`no sensor of a VM that is ${what} is a warning (check_ipmi_sensor, ipmimonitoring)`, async () => {
      await prepare();
      for (const line of [sensorStates, sensorStates.replace("ipmi-sensors", "ipmimonitoring")]) {
        const rows = (await succeeds(line)).trim().split("\n");
        assert.ok(rows.length > 3);
        assert.doesNotMatch(rows.join("\n"), /Warning|Critical/);
      }
    });
  }

  test("while vCenter is away no sensor is a warning, and its return leaves nothing in the SEL", async () => {
    await inVsphere("poweredOn");
    const before = await succeeds(selStates);
    bmcs.simulator.rules.add({ misbehaviour: { kind: "unavailable" } });
    bmcs.simulator.sessions.expireAll();
    await until("it is unknown", async () => (await bmcs.sh(`${ipmitool} power status`)).code !== 0);
    const rows = await succeeds(sensorStates.replace(" --ignore-not-available-sensors", ""));
    assert.match(rows, /CPU Usage/);
    assert.doesNotMatch(rows, /Warning|Critical/);
    bmcs.simulator.rules.clear();
    await until("it is known", async () => (await bmcs.sh(`${ipmitool} power status`)).code === 0);
    assert.equal(await succeeds(selStates), before);
    await inVsphere("poweredOff");
  });

  /** Telegraf's ipmi_sensor (both versions of its metrics, with all of its sensors), Nagios' check_ipmi, Zabbix' scripts. */
  for (const command of ["sdr", "sdr elist", "sdr -v", "sensor list", "chassis power status", "dcmi power reading"]) {
    test(`ipmitool -L ADMINISTRATOR ${command} succeeds for a VM that is off`, async () => {
      assert.notEqual(await succeeds(`${ipmitool} -L ADMINISTRATOR ${command}`), "");
    });
  }

  test("FreeIPMI's copy of the SDR repository holds over restarts of the BMC and of the VM", async () => {
    const read = `ipmi-sensors ${session} --sdr-cache-directory=HOME/copy`;
    await mkdir(path.join(bmcs.home, "copy"));
    assert.match(await succeeds(read), /CPU Usage/);
    const again = `${read} --quiet-cache`;
    await inVsphere("poweredOn");
    await succeeds(again);
    assert.equal((await bmcs.daemon.vbmc("stop", "lab-01")).code, 0);
    assert.equal((await bmcs.daemon.vbmc("start", "lab-01")).code, 0);
    assert.doesNotMatch(await succeeds(again), /out of date|invalid/);
    await succeeds(`${ipmitool} mc reset cold`);
    assert.doesNotMatch(await succeeds(again), /out of date|invalid/);
  });

  const pyghmi = [
    "import sys",
    "from pyghmi.ipmi.command import Command",
    "bmc = Command(bmc='127.0.0.1', userid='admin', password='password', port=int(sys.argv[1]))",
    "bmc.reset_bmc()",
    "bmc.ipmi_session.logout()",
  ].join("\n");
  for (const line of [
    `${ipmitool} mc reset warm`,
    `${ipmitool} mc reset cold`,
    `${ipmitool.replace("lanplus", "lan")} mc reset cold`,
    `bmc-device ${session} --warm-reset`,
    `bmc-device ${session} --cold-reset`,
    ["/usr/bin/python3", "-W", "ignore", "-c", pyghmi, "PORT"],
  ]) {
    const name = typeof line === "string" ? line.replace(/ -.* (?=-|mc)/, " … ") : "pyghmi reset_bmc";
    test(`${name}: the client takes leave as ever, within 5 s`, async () => {
      const startedAt = performance.now();
      const { code, stderr } = await bmcs.sh(line);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.ok(performance.now() - startedAt < 5_000);
    });
  }

  test(
    "ipmi_exporter: each collector is up, for a VM that is on and one that is off",
    { skip: exporterPeer.skip },
    async () => {
      const collectors = ["bmc", "ipmi", "chassis", "dcmi", "sel"];
      const file = path.join(bmcs.home, "exporter.yml");
      const [user, options] = [
        "user: admin\n    pass: password",
        "driver: LAN_2_0\n    privilege: admin\n    timeout: 10000",
      ];
      await writeFile(
        file,
        `modules:\n  default:\n    ${user}\n    ${options}\n    collectors: [${collectors.join()}]\n`,
      );
      const port = await freeTcpPort();
      const args = [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`];
      const exporter = spawn("prometheus-ipmi-exporter", args, { stdio: ["ignore", "ignore", "pipe"] });
      const exited = once(exporter, "exit");
      try {
        const log = createInterface({ input: exporter.stderr })[Symbol.asyncIterator]();
        await until("the exporter listens", async () => {
          const line = await log.next();
          assert.notEqual(line.done, true, "the exporter has ended");
          return /Listening on/.test(String(line.value));
        });
        await inVsphere("poweredOn");
        for (const name of ["lab-01", "lab-02"] as const) {
          const response = await fetch(`http://127.0.0.1:${port}/ipmi?target=127.0.0.1:${bmcs.port(name)}`);
          const metrics = await response.text();
          for (const collector of collectors) {
            assert.match(metrics, new RegExp(`ipmi_up{collector="${collector}"} 1`), `${name}: ${metrics}`);
          }
          assert.match(metrics, new RegExp(`ipmi_chassis_power_state ${name === "lab-01" ? 1 : 0}`));
        }
      } finally {
        exporter.kill();
        await exited;
      }
    },
  );
});
