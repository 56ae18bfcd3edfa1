/** What clients were found to trip over: what they set is read back as they set it, or was refused. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { isPythonModule, peer } from "../support/peer.js";
import { isCommand } from "../support/programs.js";
import { startTwoBmcs, type TwoBmcs } from "../support/twoBmcs.js";

const peers = [peer("ipmitool", () => isCommand("ipmitool")), peer("python3-pyghmi", () => isPythonModule("pyghmi"))];
const skip = peers.map((each) => each.skip).find((reason) => reason !== false) ?? false;

const ipmitool = "ipmitool -I lanplus -H 127.0.0.1 -p PORT -U admin -P password";

/** Sets each device and reads it back: what was set, or the error. */
const pyghmi = `
import sys
from pyghmi.ipmi.command import Command
bmc = Command(bmc="127.0.0.1", userid="admin", password="password", port=int(sys.argv[1]))
for words in sys.argv[2:]:
  device, _, persist = words.partition(":")
  try:
    bmc.set_bootdev(device, persist=persist == "always")
    now = bmc.get_bootdev()
    print(device, now["bootdev"], "always" if now["persistent"] and now["bootdev"] != "default" else "once")
  except Exception as error:
    print(device, "refused:", error)
bmc.ipmi_session.logout()
`;
import { until } from "../support/patience.js";

describe("client battery", { skip }, () => {
  let bmcs: TwoBmcs;

  before(async () => {
    bmcs = await startTwoBmcs();
  });
  after(() => bmcs.close());

  async function succeeds(command: string): Promise<string> {
    const { code, stdout, stderr } = await bmcs.sh(`${ipmitool} ${command}`);
    assert.deepEqual([code, stderr], [0, ""], command);
    return stdout;
  }

  const bootFlags = async (): Promise<string> =>
    /Boot parameter data: (\w+)/.exec(await succeeds("chassis bootparam get 5"))?.[1] ?? "";

  for (const device of ["safe", "diag", "bios options=persistent"]) {
    test(`chassis bootdev ${device} is refused, and what was set before stays (table 28-14)`, async () => {
      await succeeds("chassis bootdev pxe");
      const { stderr } = await bmcs.sh(`${ipmitool} chassis bootdev ${device}`);
      assert.match(stderr, /Set Chassis Boot Parameter 5 failed: Invalid data field in request/);
      assert.equal(await bootFlags(), "8004000000");
    });
  }

  test("a boot device is read back as it was set, also by pyghmi, whose default takes it back", async () => {
    const devices = ["network:once", "hd:always", "safe:once", "optical:once", "setup:once", "setup:always", "default"];
    const { stdout, stderr } = await bmcs.sh(["/usr/bin/python3", "-W", "ignore", "-c", pyghmi, "PORT", ...devices]);
    assert.deepEqual(stdout.trim().split("\n"), [
      "network network once",
      "hd hd always",
      "safe refused: Invalid data field in request",
      "optical optical once",
      "setup setup once",
      "setup refused: Invalid data field in request",
      "default default once",
    ]);
    assert.equal(stderr, "");
    assert.equal(await bootFlags(), "0000000000");
    assert.deepEqual(bmcs.vm("lab-01").bootOptions, { enterBiosSetup: false, bootOrder: [] });
  });

  test("a remote CD, as firmware consoles set it, is read back as one", async () => {
    await succeeds("raw 0x00 0x08 0x05 0x80 0x20 0x00 0x00 0x00");
    assert.equal(await bootFlags(), "8020000000");
    await succeeds("chassis bootdev none");
  });

  for (const name of ["node-17", "a-name-that-is-longer-than-the-first-block-and-the-second"]) {
    test(`mc setsysinfo: names of ${name.length} bytes are read back`, async () => {
      for (const parameter of ["system_name", "primary_os_name", "os_name", "system_fw_version"]) {
        await succeeds(`mc setsysinfo ${parameter} ${name}`);
        assert.equal(await succeeds(`mc getsysinfo ${parameter}`), `${name}\n`);
      }
    });
  }

  test("after an IPMI reset the restart cause is the command, though someone in vSphere switched the VM on", async () => {
    const vm = bmcs.vm("lab-01");
    vm.powerState = "poweredOn";
    bmcs.simulator.inventory.changed(vm);
    await until("it is on", async () => (await succeeds("power status")).includes("is on"));
    assert.match(await succeeds("chassis restart_cause"), /unknown/);
    await succeeds("power reset");
    assert.match(await succeeds("chassis restart_cause"), /chassis power control command/);
  });

  test("the power-on time is reported where vSphere does not tell since when the VM runs", async () => {
    const vm = bmcs.vm("lab-01");
    assert.equal(vm.bootTime, undefined, "the test before switched it on without one");
    assert.match(await succeeds("chassis poh"), /POH Counter +: 0 days, 0 hours, 0 minutes/);
  });

  test("power readings say that nothing is measured of a VM that is off", async () => {
    const { code, stdout } = await bmcs.sh(`${ipmitool.replace("PORT", "PORT2")} dcmi power reading`);
    assert.equal(code, 0);
    assert.match(stdout, /Power reading state is: +deactivated/);
  });
});
