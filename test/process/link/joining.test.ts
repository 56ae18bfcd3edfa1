/** VMs that join a running link one by one: each state is known at once, and what someone else does later is pushed. */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

import type { FromLink } from "../../../src/process/ipc/link.js";
import type { MachineReport } from "../../../src/process/ipc/reports.js";
import { createVcenterLink } from "../../../src/process/link/vcenterLink.js";
import { removeFolder } from "../../support/temporaryFolder.js";
import { vcenters } from "../../support/vcenters.js";
import { hasPyvmomi, openWitness } from "../../support/witness.js";

/** Less than a wait for updates takes: it was read, and not waited for, ms. */
const atOnceMs = 1_500;

for (const { name, skip, start } of vcenters) {
  const missing = skip === false && !hasPyvmomi() ? "needs python3-pyvmomi" : skip;
  test(`BMCs that are added one by one to a running link at ${name}`, { skip: missing }, async () => {
    const vcenter = await start(4);
    const directory = await mkdtemp(path.join(tmpdir(), "vbmc-joining-"));
    const witness = await openWitness(vcenter.url, vcenter.username, vcenter.password);
    const reports = new Map<string, MachineReport>();
    const listeners = new Set<() => void>();
    const send = (message: FromLink): void => {
      if (message.type === "machineReport") {
        reports.set(message.vmName, message.report);
        listeners.forEach((look) => look());
      }
    };
    const { username, password } = vcenter;
    const tls = { trustFile: path.join(directory, "certificate") };
    const viserver = new URL(vcenter.url).host;
    const link = createVcenterLink({ viserver, username, password, tls, nextBoot: "once" }, send);
    const reported = (vmName: string, powerState?: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          const report = reports.get(vmName);
          if (report?.fresh === true && report.snapshot.powerState === (powerState ?? report.snapshot.powerState)) {
            listeners.delete(look);
            resolve();
          }
        };
        listeners.add(look);
        look();
      });
    try {
      const vmNames = (await witness.names()).slice(0, 4);
      for (const [index, vmName] of vmNames.entries()) {
        const startedAt = Date.now();
        link.serve([{ vmName, directory }]);
        await reported(vmName);
        assert.ok(index === 0 || Date.now() - startedAt < atOnceMs, `${vmName}: ${Date.now() - startedAt} ms`);
      }
      for (const vmName of vmNames) {
        const isOn = (await witness.look(vmName)).powerState === "poweredOn";
        await witness.change(vmName, isOn ? "PowerOff" : "PowerOn");
        await reported(vmName, isOn ? "poweredOff" : "poweredOn");
      }
    } finally {
      await link.stop();
      await witness.close();
      await vcenter.close();
      await removeFolder(directory);
    }
  });
}
