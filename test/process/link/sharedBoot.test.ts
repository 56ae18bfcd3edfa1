/** Two BMCs represent one VM: a boot device for one start is known to both, whichever of them set it and whichever starts the VM. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { until } from "../../support/patience.js";
import { isOff, isOn, linksOfThisFile, type ServedLink } from "../../support/servedLink.js";

const open = linksOfThisFile();
const disk = { device: "disk", persistent: true } as const;
const pxeOnce = { device: "pxe", persistent: false } as const;

async function serveBoth(served: ServedLink): Promise<void> {
  served.link.serve(
    ["vm-01", "second"].map((vmName) => {
      const directory = path.join(served.directory, vmName);
      mkdirSync(directory, { recursive: true });
      return { vmName, machineName: "vm-01", directory };
    }),
  );
  await served.reported("vm-01", ({ fresh }) => fresh);
  await served.reported("second", ({ fresh }) => fresh);
}

const noteOf = (served: ServedLink, name: string): string => path.join(served.directory, name, "boot-order.json");

for (const starter of ["vm-01", "second"]) {
  test(`set by one, started by ${starter}: both say that the device is used up, and the order is restored`, async () => {
    const served = await open();
    await serveBoth(served);
    const [first, second] = [served.machine("vm-01"), served.machine("second")];
    const started = starter === "vm-01" ? first : second;
    await first.setBootOverride(disk);
    await first.setBootOverride(pxeOnce);
    assert.deepEqual(await second.bootOverride(), pxeOnce);
    await started.power("on");
    await served.reported("second", isOn);
    assert.deepEqual([await first.bootOverride(), await second.bootOverride()], [disk, disk]);
    await started.power("off");
    await served.reported("second", isOff);
    await served.until((message) => message.type === "log" && message.message.includes("boot order is restored"));
    assert.deepEqual([await first.bootOverride(), await second.bootOverride()], [disk, disk]);
    assert.deepEqual(
      ["vm-01", "second"].map((name) => existsSync(noteOf(served, name))),
      [false, false],
    );
  });
}

test("one that comes later, or is stopped and comes back, knows what the other knows, also after a restart", async () => {
  const served = await open();
  await serveBoth(served);
  await served.machine("vm-01").setBootOverride(disk);
  await served.machine("vm-01").setBootOverride(pxeOnce);
  served.link.withdraw(["vm-01"]);
  await served.machine("second").setBootOverride({ device: "cdrom", persistent: false });
  await serveBoth(served);
  assert.deepEqual(await served.machine("vm-01").bootOverride(), { device: "cdrom", persistent: false });
  await until("vm-01 has its copy", () => existsSync(noteOf(served, "vm-01")));
  await served.stopLink();
  assert.deepEqual(
    ["vm-01", "second"].map((name) => existsSync(noteOf(served, name))),
    [true, true],
  );
  const next = await open({ after: served });
  await serveBoth(next);
  await next.machine("vm-01").power("on");
  await next.reported("second", isOn);
  assert.deepEqual(await next.machine("second").bootOverride(), disk);
});
