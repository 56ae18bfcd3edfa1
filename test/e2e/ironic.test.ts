/** A real Ironic (Debian's ironic-api and ironic-conductor) drives VMs by its hardware types `ipmi` and `redfish`. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";

import { ironicPeer } from "../support/ironic.js";
import { bmcAccount, type IronicLab, startIronicLab } from "../support/ironicLab.js";
import { enrol, enrolledNode, type IronicNode, type PowerTarget } from "../support/ironicNode.js";
import { until } from "../support/patience.js";
import { peer } from "../support/peer.js";
import { isCommand, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { hasPyvmomi } from "../support/witness.js";

const clientPeer = peer("python3-ironicclient", () => isCommand("baremetal"));
const witnessPeer = peer("python3-pyvmomi", hasPyvmomi);

type BootCase = readonly [device: string, persistent: boolean, first: string, isSetup: boolean];

/** [what Ironic is asked for, the state that the VM is left in] */
type PowerCase = readonly [PowerTarget, "power on" | "power off"];

/** Nodes that go through everything; a node's name is its VM's. Ironic sets a boot device in one way for UEFI, in another for BIOS. */
const drivenNodes: readonly {
  readonly name: string;
  readonly bootMode: "uefi" | "bios";
  readonly powerCases: readonly PowerCase[];
  readonly bootCases: readonly BootCase[];
  /** What no VM can keep, and so is refused: [boot device, persistent]. */
  readonly refused: readonly [string, boolean];
  /** When the machine has been started after `bootCases`. */
  readonly bootDeviceLeft: string;
}[] = [
  {
    name: "vm-01",
    bootMode: "uefi",
    powerCases: [
      ["power on", "power on"],
      ["rebooting", "power on"],
      ["soft power off", "power off"],
    ],
    bootCases: [
      ["pxe", true, "ethernet", false],
      ["disk", true, "disk", false],
      ["cdrom", false, "cdrom", false],
      ["bios", false, "disk", true],
    ],
    refused: ["safe", false],
    bootDeviceLeft: "disk",
  },
  {
    name: "vm-02",
    bootMode: "bios",
    powerCases: [
      ["rebooting", "power on"],
      ["soft rebooting", "power on"],
      ["power off", "power off"],
    ],
    bootCases: [
      ["disk", false, "disk", false],
      ["cdrom", true, "cdrom", false],
      ["bios", false, "cdrom", true],
      ["pxe", false, "ethernet", false],
    ],
    refused: ["bios", true],
    bootDeviceLeft: "cdrom",
  },
];

describe("Ironic by IPMI and Redfish", { skip: ironicPeer.skip || witnessPeer.skip }, () => {
  let lab: IronicLab;
  const nodes = new Map<string, IronicNode>();
  const node = (name: string): IronicNode => nodes.get(name)!;

  before(async () => {
    lab = await startIronicLab(6);
    for (const { name, bootMode } of drivenNodes) {
      const properties = { capabilities: `boot_mode:${bootMode}` };
      await enrolByIpmi(name, { ipmi_cipher_suite: "17" }, { properties });
    }
    await enrolByIpmi(
      "vm-03",
      { ipmi_cipher_suite: "3", ipmi_priv_level: "OPERATOR" },
      { deploy_interface: "ramdisk" },
    );
    await enrolByIpmi("vm-04", {}, {});
    await enrolByRedfish("vm-06");
  });
  after(() => lab.close());

  /** `driverInfo` and `fields` beside what every node needs. */
  async function enrolByIpmi(
    name: string,
    driverInfo: Readonly<Record<string, string>>,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { address, port } = await lab.serve(name);
    const info = {
      ipmi_address: address,
      ipmi_port: port,
      ipmi_username: bmcAccount.username,
      ipmi_password: bmcAccount.password,
      ...driverInfo,
    };
    nodes.set(name, await enrol(lab.ironic, name, { driver: "ipmi", driver_info: info, ...fields }));
  }

  async function enrolByRedfish(name: string): Promise<void> {
    const info = {
      redfish_address: await lab.serveRedfish(name),
      redfish_username: bmcAccount.username,
      redfish_password: bmcAccount.password,
      redfish_verify_ca: false,
    };
    const interfaces = { bios_interface: "redfish", inspect_interface: "redfish", boot_interface: "pxe" };
    nodes.set(name, await enrol(lab.ironic, name, { driver: "redfish", driver_info: info, ...interfaces }));
  }

  describe("nodes at once", { concurrency: 5 }, () => {
    for (const { name, bootMode, powerCases, bootCases, refused, bootDeviceLeft } of drivenNodes) {
      describe(`a node that boots by ${bootMode.toUpperCase()}`, { concurrency: 1 }, () => {
        test("is enrolled, valid, managed, and its vendor and power state are known", async () => {
          const { power, management, vendor, console } = await node(name).validate();
          assert.deepEqual([power, management, vendor], [undefined, undefined, undefined]);
          assert.match(console ?? "", /does not support console/, "no-console is what it is enrolled with");
          const managed = await node(name).provision("manage", "manageable");
          assert.equal(managed.power_state, "power off");
          assert.equal(managed.properties["vendor"], "vmware inc.");
        });

        for (const [target, state] of powerCases) {
          test(`${target} leaves it at ${state}, and the VM as well`, async () => {
            assert.equal((await node(name).power(target)).power_state, state);
            assert.equal(await lab.power(name), state === "power on" ? "poweredOn" : "poweredOff");
          });
        }

        for (const [device, persistent, first, isSetup] of bootCases) {
          test(`boots from ${device}, ${persistent ? "from now on" : "once"}, and Ironic reads it back`, async () => {
            await node(name).setBootDevice(device, persistent);
            assert.deepEqual(await node(name).bootDevice(), { boot_device: device, persistent });
            const vm = await lab.witness.look(name);
            assert.deepEqual([vm.bootOrder[0], vm.enterBiosSetup], [first, isSetup]);
          });
        }

        test(`does not take ${refused.join(", persistent: ")}, and Ironic reads back what it has`, async () => {
          const before = [await node(name).bootDevice(), await lab.witness.look(name)];
          const asked = node(name).setBootDevice(...refused);
          // `ipmitool chassis bootdev` (1.8.19) ends with 0 whatever the BMC answers, which Ironic takes for done.
          await (bootMode === "bios" ? asked : assert.rejects(asked, /500 IPMI call failed/));
          assert.deepEqual([await node(name).bootDevice(), await lab.witness.look(name)], before);
        });

        test("after the start, once is over, and what was set for good is left", async () => {
          await node(name).power("power on");
          assert.deepEqual(await node(name).bootDevice(), { boot_device: bootDeviceLeft, persistent: true });
          const { bootOrder, enterBiosSetup } = await lab.witness.look(name);
          assert.deepEqual([bootOrder[0], enterBiosSetup], [bootDeviceLeft, false]);
        });

        test("gets an NMI", async () => {
          await node(name).request("PUT", "management/inject_nmi", {});
          assert.equal(lab.vcenter.nmiCount?.(name), 1);
        });

        test("takes raw bytes, and resets of its BMC, of which the VM notices nothing", async () => {
          const bootFlags = "0x00 0x08 0x05 0x80 0x04 0x00 0x00 0x00";
          await node(name).vendor("send_raw", { raw_bytes: bootFlags });
          assert.equal((await lab.witness.look(name)).bootOrder[0], "ethernet");
          for (const warm of [true, false]) {
            await node(name).vendor("bmc_reset", { warm });
          }
          assert.equal(await lab.power(name), "poweredOn");
          assert.ok(lab.daemon.log().includes("cold reset of the BMC"));
          assert.equal((await node(name).power("rebooting")).power_state, "power on");
          assert.equal((await lab.witness.look(name)).bootOrder[0], bootDeviceLeft);
        });
      });
    }

    describe("a node by Redfish", { concurrency: 1 }, () => {
      const name = "vm-06";

      test("is enrolled without the id of its system, valid, managed, and its power state and firmware are known", async () => {
        const { power, management, bios, inspect } = await node(name).validate();
        assert.deepEqual([power, management, bios, inspect], [undefined, undefined, undefined, undefined]);
        const managed = await node(name).provision("manage", "manageable");
        assert.equal(managed.power_state, "power off");
        assert.equal(managed.properties["vendor"], "VMware, Inc.");
        const { firmware } = await lab.witness.hardware(name);
        assert.equal(managed.boot_mode, firmware === "efi" ? "uefi" : "bios");
        const settings = (await node(name).request("GET", "bios/firmware")) as { firmware: { value: string } };
        assert.equal(settings.firmware.value, firmware);
      });

      for (const [target, state] of [
        ["power on", "power on"],
        ["rebooting", "power on"],
        ["soft rebooting", "power on"],
        ["soft power off", "power off"],
        ["rebooting", "power on"],
        ["power off", "power off"],
      ] as const) {
        test(`${target} leaves it at ${state}, and the VM as well`, async () => {
          assert.equal((await node(name).power(target)).power_state, state);
          assert.equal(await lab.power(name), state === "power on" ? "poweredOn" : "poweredOff");
        });
      }

      for (const [device, persistent, first, isSetup] of [
        ["pxe", true, "ethernet", false],
        ["disk", true, "disk", false],
        ["cdrom", false, "cdrom", false],
        // "Once" has replaced the order that was set "from now on".
        ["bios", false, undefined, true],
      ] as const) {
        test(`boots from ${device}, ${persistent ? "from now on" : "once"}, and Ironic reads it back`, async () => {
          await node(name).setBootDevice(device, persistent);
          assert.deepEqual(await node(name).bootDevice(), { boot_device: device, persistent });
          const vm = await lab.witness.look(name);
          assert.deepEqual([vm.bootOrder[0], vm.enterBiosSetup], [first, isSetup]);
        });
      }

      test("changes its boot mode, and the VM its firmware", async () => {
        for (const mode of ["uefi", "bios"]) {
          await node(name).request("PUT", "states/boot_mode", { target: mode });
          await node(name).until((now) => now.boot_mode === mode && now.reservation === null, mode);
          assert.equal((await lab.witness.hardware(name)).firmware, mode === "uefi" ? "efi" : "bios");
        }
      });

      test("is inspected: memory, CPUs, architecture and disk are properties, its cards are ports", async () => {
        const { properties } = await node(name).provision("inspect", "manageable");
        const { memorySizeMb, cpuCount, cards, disks } = await lab.witness.hardware(name);
        const { cpus, cpu_arch: architecture, memory_mb: memory, local_gb: disk } = properties;
        assert.deepEqual(
          [String(cpus), architecture, String(memory)],
          [String(cpuCount), "x86_64", String(memorySizeMb)],
        );
        const smallestGib = Math.min(...disks.map(([, , bytes]) => bytes)) / 1_024 ** 3;
        // The smallest disk that will do is the root disk, and Ironic leaves one GiB for the partition table.
        assert.equal(String(disk), String(Math.floor(smallestGib) - 1));
        const { ports } = (await lab.ironic.request("GET", `ports?node=${name}`)) as { ports: { address: string }[] };
        assert.deepEqual(ports.map(({ address }) => address).sort(), cards.map(([, mac]) => mac.toLowerCase()).sort());
      });

      test("gets an NMI, once it is on", async () => {
        await node(name).power("power on");
        await node(name).request("PUT", "management/inject_nmi", {});
        assert.equal(lab.vcenter.nmiCount?.(name), 1);
      });

      test("what someone else switches, Ironic switches back", async () => {
        await lab.witness.change(name, "PowerOff");
        await until("it is on again", async () => (await lab.power(name)) === "poweredOn");
        assert.equal((await node(name).power("power off")).power_state, "power off");
      });
    });

    test("a node is deployed with a ramdisk: by PXE for good, and on; torn down, it is off", async () => {
      const deployed = node("vm-03");
      const images = await bootImages();
      const { uuid } = (await deployed.request("GET", "")) as { uuid: string };
      await lab.ironic.request("POST", "ports", { node_uuid: uuid, address: "00:50:56:00:00:03" });
      await deployed.request("PATCH", "", [
        { op: "add", path: "/driver_info/deploy_kernel", value: images.kernel },
        { op: "add", path: "/driver_info/deploy_ramdisk", value: images.ramdisk },
        { op: "add", path: "/instance_info", value: images },
      ]);
      await deployed.provision("manage", "manageable");
      await deployed.provision("provide", "available");
      await deployed.provision("active", "active");
      const { powerState, bootOrder } = await lab.witness.look("vm-03");
      assert.deepEqual([powerState, bootOrder[0]], ["poweredOn", "ethernet"]);
      await deployed.provision("deleted", "available");
      assert.equal(await lab.power("vm-03"), "poweredOff");
    });

    test("the commands of docs/ironic.md enrol a node and switch it on", { skip: clientPeer.skip }, async () => {
      const { address, port } = await lab.serve("vm-05");
      const here = [
        ["https://ironic.example.com:6385", lab.ironic.url],
        ["192.0.2.10", address],
        ["6230", String(port)],
        ["ipmi_username=admin", `ipmi_username=${bmcAccount.username}`],
        ["ipmi_password=…", `ipmi_password=${bmcAccount.password}`],
        ["vm-01", "vm-05"],
      ] as const;
      const commands = here.reduce((text, [from, to]) => text.replaceAll(from, to), await documentedCommands());
      const outcome = await run("sh", ["-eu", "-c", commands], { env: { ...process.env, HOME: lab.ironic.folder } });
      assert.deepEqual([outcome.code, outcome.stderr], [0, ""], outcome.stdout);
      await enrolledNode(lab.ironic, "vm-05").until((now) => now.power_state === "power on", "on");
      const { powerState, bootOrder } = await lab.witness.look("vm-05");
      assert.deepEqual([powerState, bootOrder[0]], ["poweredOn", "disk"]);
    });

    test("what someone else switches, Ironic switches back, as is its default", async () => {
      await node("vm-04").provision("manage", "manageable");
      await node("vm-04").power("power on");
      await lab.witness.change("vm-04", "PowerOff");
      await lab.ironic.logged(/state 'power off' does not match expected state. Changing hardware state to 'power on'/);
      await until("it is on again", async () => (await lab.power("vm-04")) === "poweredOn");
    });
  });

  describe("with force_power_state_during_sync = false and send_sensor_data = true", () => {
    before(() =>
      lab.ironic.configure({
        conductor: { force_power_state_during_sync: "false" },
        sensor_data: { send_sensor_data: "true", interval: 4, enable_for_undeployed_nodes: "true" },
      }),
    );

    test("the conductor begins again with the state that the VM has", async () => {
      const { power_state: state, maintenance } = await node("vm-04").show();
      assert.deepEqual([state, maintenance, await lab.power("vm-04")], ["power on", false, "poweredOn"]);
    });

    test("sensor data goes out, with what vSphere measures", async () => {
      const [, json] = await lab.ironic.logged(
        /(\{.*"node_name": "vm-04", "event_type": "hardware.ipmi.metrics.update".*\})/,
      );
      const { payload: sensors } = (JSON.parse(json!) as { payload: { payload: SensorData } }).payload;
      const { consumedMemoryMb } = await lab.witness.statistics("vm-04");
      assert.equal(
        sensors["Other"]?.["Memory Consumed (0x13)"]?.["Sensor Reading"],
        `${consumedMemoryMb} (+/- 0) megabyte`,
      );
      assert.equal(sensors["Other"]["CPU Usage (0x10)"]?.["Status"], "ok");
      assert.ok(sensors["Power"]?.["Power Unit (0x1)"]);
    });

    test("of a node by Redfish it sends the drives; a VM has neither fans nor power supplies", async () => {
      const [, json] = await lab.ironic.logged(
        /(\{.*"node_name": "vm-06", "event_type": "hardware.redfish.metrics.update".*\})/,
      );
      const { payload: sensors } = (JSON.parse(json!) as { payload: { payload: SensorData } }).payload;
      const [name, drive] = Object.entries(sensors["Drive"] ?? {})[0] ?? [];
      assert.match(name ?? "", /^Hard disk 1:\d+@1$/);
      // As Ironic writes Python's enumerations.
      assert.match(JSON.stringify(drive), /"state":.*"_value_":"Enabled".*"health":.*"_value_":"OK"/);
    });

    test("what someone else switches, Ironic writes down", async () => {
      await lab.witness.change("vm-04", "PowerOff");
      await node("vm-04").until(({ power_state }) => power_state === "power off", "seen to be off");
      assert.equal(await lab.power("vm-04"), "poweredOff");
    });

    test("a vCenter that is away for a moment is a retry", async () => {
      const from = lab.ironic.text().length;
      await lab.proxy.setFault("away");
      await lab.ironic.logged(/IPMI Error encountered, retrying .* power status/, from);
      await lab.proxy.setFault(undefined);
      // Ironic tries for 4 s, which the link's way back may take on a busy machine.
      await until("the link is back", async () => {
        const { stdout } = await lab.daemon.vbmc("list", "--long", "-f", "json");
        return (JSON.parse(stdout) as { readonly vCenter: string }[]).every(({ vCenter }) => vCenter === "connected");
      });
      await node("vm-01").power("rebooting");
      for (const each of nodes.values()) {
        assert.equal((await each.show()).maintenance, false);
      }
    });

    test("one that is away for long is a power failure, as of real hardware, and it heals by itself", async () => {
      const before = await Promise.all([...nodes.keys()].map(lab.power));
      await lab.proxy.setFault("away");
      for (const [name, each] of nodes) {
        const failed = await each.until(({ maintenance }) => maintenance, "in maintenance");
        assert.equal(failed.fault, "power failure");
        const reason = name === "vm-06" ? /code 503.*ServiceTemporarilyUnavailable/ : /IPMI call failed: power status/;
        assert.match(failed.maintenance_reason ?? "", reason);
      }
      assert.deepEqual([before[2], before[3]], ["poweredOff", "poweredOff"]);
      await assert.rejects(node("vm-03").power("power on"), /IPMI call failed: power status/);
      await lab.witness.change("vm-04", "PowerOn");
      await lab.proxy.setFault(undefined);
      for (const [name, each] of nodes) {
        const healed = await each.until(({ maintenance }) => !maintenance, "out of maintenance");
        assert.deepEqual([healed.fault, healed.maintenance_reason], [null, null]);
        assert.equal(healed.power_state, (await lab.power(name)) === "poweredOn" ? "power on" : "power off");
      }
      const nobodyElse = await Promise.all([...nodes.keys()].map(lab.power));
      assert.deepEqual(nobodyElse, before.with(3, "poweredOn"), "what was refused is not done later");
      assert.equal((await node("vm-04").power("power off")).power_state, "power off");
    });
  });

  /** Nothing boots them: Ironic only lays them out for PXE. */
  async function bootImages(): Promise<{ readonly kernel: string; readonly ramdisk: string }> {
    const [kernel, ramdisk] = ["kernel", "ramdisk"].map((name) => `${lab.ironic.folder}/${name}.image`);
    await Promise.all([kernel!, ramdisk!].map((file) => writeFile(file, "not looked into")));
    return { kernel: `file://${kernel}`, ramdisk: `file://${ramdisk}` };
  }
});

/** The first block of commands on the page, without its prompts. */
async function documentedCommands(): Promise<string> {
  const page = await readFile(inRepository("docs/ironic.md"), "utf8");
  return /```console\n([^]*?)```/.exec(page)![1]!.replace(/^\$ /gm, "");
}

/** type → sensor → field, as Ironic takes it from `ipmitool sdr -v` */
type SensorData = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
