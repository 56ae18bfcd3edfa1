/**
 * The commands that orchestrators and their agents run, word for word (with another port): each leaves with the exit code
 * and the words that they look for. Those that speak IPMI themselves (Zabbix by OpenIPMI, Ironic, Ansible by pyghmi) are in
 * inventory.test.ts, ironic.test.ts and below.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { defined } from "../../src/base/defined.js";
import { isPythonModule, peer } from "../support/peer.js";
import { isCommand } from "../support/programs.js";
import { startTwoBmcs, type TwoBmcs } from "../support/twoBmcs.js";

const peers = [
  peer("ipmitool", () => isCommand("ipmitool")),
  peer("freeipmi-tools", () => isCommand("bmc-config")),
  peer("fence-agents", () => isCommand("fence_ipmilan")),
];
const skip = peers.map((each) => each.skip).find((reason) => reason !== false) ?? false;
const ansiblePeer = peer("ansible", () => isPythonModule("ansible_collections.community.general"));

const maas = "-h 127.0.0.1:PORT --driver-type=LAN_2_0 -u admin -p password -I 17 -l ADMIN";
const foreman = "-h 127.0.0.1:PORT -u admin -p password --driver-type=LAN_2_0";
const ipmitool = "-I lanplus -H 127.0.0.1 -p PORT -U admin -P password";
const byEnvironment = "-I lanplus -U admin -E -H 127.0.0.1 -p PORT";

interface Step {
  readonly line: string;
  readonly code?: number;
  /** What standard output and standard error hold. */
  readonly shows?: RegExp;
  readonly input?: string;
}

/** Orchestrator → its commands, in an order that makes sense for one machine, which is off at first and at last. */
const orchestrators: Readonly<Record<string, readonly Step[]>> = {
  MAAS: [
    { line: `ipmipower ${maas} --stat`, shows: /: off\n$/ },
    { line: `ipmi-chassis-config ${maas} --commit --filename HOME/maas.conf` },
    { line: `ipmipower ${maas} --cycle --on-if-off`, shows: /: ok\n$/ },
    { line: `ipmipower ${maas} --stat`, shows: /: on\n$/ },
    { line: `ipmipower ${maas} --cycle --on-if-off`, shows: /: ok\n$/ },
    { line: `ipmipower ${maas} --soft`, shows: /: ok\n$/ },
    { line: `ipmipower ${maas} --off`, shows: /: ok\n$/ },
    // What it makes of these words: another cipher suite, "wrong credentials", "wrong key", "not allowed".
    { line: `ipmipower ${maas.replace("-I 17", "-I 8")} --stat`, code: 1, shows: /cipher suite id unavailable/ },
    { line: `ipmipower ${maas.replace("-I 17", "-I 0")} --stat`, code: 1, shows: /cipher suite id unavailable/ },
    { line: `ipmipower ${maas.replace("-u admin", "-u unknown")} --stat`, code: 1, shows: /username invalid/ },
    { line: `ipmipower ${maas.replace("-p password", "-p wrong")} --stat`, code: 1, shows: /password invalid/ },
    { line: `ipmipower ${maas} -k 0x1234 --stat`, code: 1, shows: /k_g invalid/ },
  ],
  "Foreman (rubyipmi with FreeIPMI)": [
    { line: `ipmipower ${foreman} --on --wait-until-on`, shows: /: (ok|on)\n$/ },
    { line: `ipmipower ${foreman} --stat`, shows: /: on\n$/ },
    { line: `ipmi-chassis ${foreman} --get-chassis-status`, shows: /System Power +: on/ },
    { line: `ipmi-chassis ${foreman} --chassis-identify=FORCE` },
    { line: `ipmi-chassis ${foreman} --chassis-identify=TURN-OFF` },
    { line: `ipmi-chassis-config ${foreman} --checkout --section=Chassis_Boot_Flags`, shows: /Boot_Device/ },
    { line: `ipmi-chassis-config ${foreman} --commit --key-pair=Chassis_Boot_Flags:Boot_Device=CD-DVD` },
    { line: `ipmi-chassis-config ${foreman} --checkout --section=Chassis_Boot_Flags`, shows: /Boot_Device +CD-DVD/ },
    { line: `ipmi-chassis-config ${foreman} --commit --key-pair=Chassis_Boot_Flags:Boot_Device=NO-OVERRIDE` },
    { line: `bmc-info ${foreman}`, shows: /Manufacturer ID +: VMware/ },
    { line: `bmc-info ${foreman} --get-device-guid` },
    { line: `bmc-config ${foreman} --checkout --section=Lan_Conf`, shows: /IP_Address +127\.0\.0\.1/ },
    { line: `bmc-config ${foreman} --checkout --section=Lan_Conf_Misc`, shows: /EndSection/ },
    { line: `ipmi-fru ${foreman} --sdr-cache-directory=HOME`, shows: /lab-01/ },
    {
      line: `ipmi-sensors ${foreman} --sdr-cache-directory=HOME --no-header-output --output-sensor-state --entity-sensor-names`,
      shows: /CPU Usage/,
    },
    { line: `ipmipower ${foreman} --off --wait-until-off`, shows: /: (ok|off)\n$/ },
  ],
  "Foreman (rubyipmi with ipmitool)": [
    { line: `ipmitool ${ipmitool} chassis bootdev pxe options=efiboot`, shows: /Set Boot Device to pxe/ },
    { line: `ipmitool ${ipmitool} chassis power on`, shows: /Up\/On/ },
    { line: `ipmitool ${ipmitool} chassis power status`, shows: /Chassis Power is on/ },
    { line: `ipmitool ${ipmitool} chassis identify 15` },
    { line: `ipmitool ${ipmitool} bmc info`, shows: /VMware/ },
    { line: `ipmitool ${ipmitool} bmc guid`, shows: /System GUID/ },
    { line: `ipmitool ${ipmitool} lan print`, shows: /MAC Address/ },
    { line: `ipmitool ${ipmitool} sdr`, shows: /CPU Usage/ },
    { line: `ipmitool ${ipmitool} fru`, shows: /lab-01/ },
    { line: `ipmitool ${ipmitool} chassis power off`, shows: /Down\/Off/ },
  ],
  xCAT: [
    // rpower, rsetboot, rbeacon, rinv, reventlog, renergy and rspconfig, as the bytes that they send.
    { line: `ipmitool ${ipmitool} raw 0x00 0x02 0x01` },
    { line: `ipmitool ${ipmitool} raw 0x00 0x08 0x03 0x08` },
    { line: `ipmitool ${ipmitool} raw 0x00 0x08 0x05 0x80 0x04 0x00 0x00 0x00` },
    { line: `ipmitool ${ipmitool} raw 0x00 0x09 0x05 0x00 0x00`, shows: /^ 01 05 80 04 00 00 00\n$/ },
    { line: `ipmitool ${ipmitool} raw 0x00 0x08 0x05 0x80 0x00 0x00 0x00 0x00` },
    { line: `ipmitool ${ipmitool} raw 0x00 0x09 0x05 0x00 0x00`, shows: /^ 01 05 00 00 00 00 00\n$/ },
    { line: `ipmitool ${ipmitool} raw 0x00 0x04 0x00` },
    { line: `ipmitool ${ipmitool} raw 0x06 0x37` },
    { line: `ipmitool ${ipmitool} raw 0x06 0x01` },
    { line: `ipmitool ${ipmitool} raw 0x0a 0x42` },
    { line: `ipmitool ${ipmitool} raw 0x0c 0x02 0x01 0x03 0x00 0x00`, shows: /^ 11 7f 00 00 01\n$/ },
    { line: `ipmitool ${ipmitool} raw 0x2c 0x02 0xdc 0x01 0x00 0x00`, shows: /^ dc/ },
    { line: `ipmitool ${ipmitool} raw 0x00 0x02 0x03` },
    { line: `ipmitool ${ipmitool} raw 0x00 0x02 0x00` },
  ],
  "Tinkerbell (bmclib)": [
    { line: `ipmitool ${byEnvironment} -C 3 chassis bootdev pxe options=efiboot,persistent`, shows: /to pxe/ },
    { line: `ipmitool ${byEnvironment} -C 3 chassis power on`, shows: /Up\/On/ },
    { line: `ipmitool ${byEnvironment} -C 3 chassis power status`, shows: /is on/ },
    { line: `ipmitool ${byEnvironment} -C 3 user list`, shows: /admin/ },
    { line: `ipmitool ${byEnvironment} -C 3 sel list`, shows: /Power Unit/ },
    { line: `ipmitool ${byEnvironment} -C 3 sel clear`, shows: /Clearing SEL/ },
    { line: `ipmitool ${byEnvironment} -C 3 chassis bootdev none`, shows: /to none/ },
    { line: `ipmitool ${byEnvironment} -C 3 mc reset cold`, shows: /Sent cold reset/ },
    { line: `ipmitool ${byEnvironment} -C 3 mc reset warm`, shows: /Sent warm reset/ },
    { line: `ipmitool ${byEnvironment} -C 3 chassis power off`, shows: /Down\/Off/ },
  ],
  Warewulf: [
    { line: `ipmitool ${ipmitool} chassis power on`, shows: /Up\/On/ },
    { line: `ipmitool ${ipmitool} chassis power cycle`, shows: /Cycle/ },
    { line: `ipmitool ${ipmitool} chassis power reset`, shows: /Reset/ },
    { line: `ipmitool ${ipmitool} sdr list`, shows: /Power Unit/ },
    { line: `ipmitool ${ipmitool} sensor`, shows: /CPU Usage/ },
    { line: `ipmitool ${ipmitool} chassis power soft`, shows: /Soft/ },
    { line: `ipmitool ${ipmitool} chassis power off`, shows: /Down\/Off/ },
  ],
  CloudStack: [
    { line: `ipmitool -v -R 1 ${ipmitool} chassis power status`, shows: /is off/ },
    { line: `ipmitool -v -R 1 ${ipmitool} chassis power on`, shows: /Up\/On/ },
    { line: `ipmitool -v -R 1 ${ipmitool} user list 1`, shows: /admin/ },
    { line: `ipmitool -v -R 1 ${ipmitool} chassis power off`, shows: /Down\/Off/ },
  ],
  "Pacemaker (fence_ipmilan, external/ipmi)": [
    { line: "fence_ipmilan", input: agent("monitor") },
    { line: "fence_ipmilan", input: agent("status"), code: 2, shows: /Status: OFF/ },
    { line: "fence_ipmilan", input: agent("on"), shows: /Powered ON/ },
    { line: "fence_ipmilan", input: agent("off"), shows: /Powered OFF/ },
    { line: `ipmitool ${byEnvironment} -L OPERATOR chassis power on`, shows: /Up\/On/ },
    { line: `ipmitool ${byEnvironment} -L OPERATOR chassis power reset`, shows: /Reset/ },
    { line: `ipmitool ${byEnvironment} -L OPERATOR chassis power off`, shows: /Down\/Off/ },
  ],
  oVirt: [
    { line: "fence_ipmilan", input: agent("on"), shows: /Powered ON/ },
    { line: "fence_ipmilan", input: agent("reboot", "method=cycle\n"), shows: /Rebooted/ },
    { line: "fence_ipmilan", input: agent("off"), shows: /Powered OFF/ },
    // docs/ovirt.md: a VM that is off stays off.
    { line: "fence_ipmilan", input: agent("reboot", "method=cycle\npower_timeout=2\n"), code: 1, shows: /timed out/ },
  ],
};

function agent(action: string, more = ""): string {
  return `action=${action}\nip=127.0.0.1\nipport=PORT\nlanplus=1\nusername=admin\npassword=password\n${more}`;
}

const maasConfiguration = `Section Chassis_Boot_Flags
	Boot_Flags_Persistent                         No
	BIOS_Boot_Type                                EFI
	Boot_Device                                   PXE
EndSection
`;

describe("orchestrators", { skip }, () => {
  let bmcs: TwoBmcs;

  before(async () => {
    bmcs = await startTwoBmcs();
    await writeFile(path.join(bmcs.home, "maas.conf"), maasConfiguration);
  });
  after(() => bmcs.close());

  for (const [name, steps] of Object.entries(orchestrators)) {
    test(`${name}: ${steps.length} commands`, async () => {
      for (const { line, input, code = 0, shows } of steps) {
        const env = { IPMI_PASSWORD: "password", IPMITOOL_PASSWORD: "password" };
        const outcome = await bmcs.sh(line, defined({ env, input }));
        const told = `${outcome.stdout}${outcome.stderr}`;
        assert.equal(outcome.code, code, `${line}: ${told}`);
        assert.match(told, shows ?? /^/, line);
      }
      assert.equal(bmcs.vm("lab-01").powerState, "poweredOff");
    });
  }

  test("Ansible: community.general.ipmi_boot and ipmi_power", { skip: ansiblePeer.skip }, async () => {
    const at = "name=127.0.0.1 port=PORT user=admin password=password";
    const env = { HOME: bmcs.home, ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3", ANSIBLE_LOAD_CALLBACK_PLUGINS: "0" };
    const ansible = (module: string, args: string): ReturnType<TwoBmcs["sh"]> =>
      bmcs.sh(["ansible", "localhost", "-m", `community.general.${module}`, "-a", `${at} ${args}`], { env });
    for (const [module, args, shows] of [
      ["ipmi_boot", "bootdev=network", /"bootdev": "network"/],
      ["ipmi_power", "state=on timeout=20", /"powerstate": "on"/],
      ["ipmi_boot", "state=absent bootdev=network", /"bootdev": "default"/],
      ["ipmi_power", "state=off timeout=20", /"powerstate": "off"/],
    ] as const) {
      const { code, stdout, stderr } = await ansible(module, args);
      assert.equal(code, 0, `${module} ${args}: ${stdout}${stderr}`);
      assert.match(stdout, shows, `${module} ${args}`);
    }
  });
});
