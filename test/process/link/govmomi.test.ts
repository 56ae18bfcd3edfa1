/** What only govmomi's simulator shows: a host without vCenter that tells neither datastore URLs nor thumbprints. */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

import { deadlineIn } from "../../../src/base/async/deadline.js";
import type { FromLink } from "../../../src/process/ipc/link.js";
import { createVcenterLink, type VcenterLink } from "../../../src/process/link/vcenterLink.js";
import { removeFolder } from "../../support/temporaryFolder.js";
import { startVcsim, type Vcsim, vcsimPeer } from "../../support/vcsim.js";

const account = { username: "vbmc", password: "secret" };
const vmName = "ha-host_VM0";
const skip = vcsimPeer.skip;
let vcsim: Vcsim;
let link: VcenterLink;
let folder: string;

before(async () => {
  if (skip !== false) {
    return;
  }
  vcsim = await startVcsim({ vms: 1, esx: true, isQuiet: true, ...account });
  folder = await mkdtemp(path.join(tmpdir(), "vbmc-vcsim-"));
  let known: () => void = () => undefined;
  const isKnown = new Promise<void>((resolve) => (known = resolve));
  const send = (message: FromLink): void => {
    if (message.type === "machineReport" && message.report.fresh) {
      known();
    }
  };
  const tls = { trustFile: path.join(folder, "certificate") };
  link = createVcenterLink({ viserver: new URL(vcsim.url).host, ...account, tls, nextBoot: "once" }, send);
  link.serve([{ vmName, directory: folder }]);
  await isKnown;
});
after(async () => {
  if (skip !== false) {
    return;
  }
  await link.stop();
  await vcsim.close();
  await removeFolder(folder);
});

test(
  "a diagnostic interrupt goes to the page of the host itself, with the path of the VM's file",
  { skip },
  async () => {
    assert.deepEqual((await link.operate(vmName, { name: "power", power: "on" }, deadlineIn(5_000))).ok, true);
    const interrupted = vcsim.interrupted();
    const result = await link.operate(vmName, { name: "diagnosticInterrupt" }, deadlineIn(5_000));
    assert.ok(result.ok, JSON.stringify(result));
    assert.match((await interrupted) ?? "", /\/ha-host_VM0\/ha-host_VM0\.vmx$/);
  },
);

test("the next boot ends with the start here too", { skip }, async () => {
  await link.operate(vmName, { name: "power", power: "off" }, deadlineIn(5_000));
  const override = { device: "pxe", persistent: false } as const;
  assert.ok((await link.operate(vmName, { name: "setBootOverride", override }, deadlineIn(5_000))).ok);
  const read = async (): Promise<unknown> => link.operate(vmName, { name: "readBootOverride" }, deadlineIn(5_000));
  assert.deepEqual(await read(), { ok: true, value: override });
  await link.operate(vmName, { name: "power", power: "on" }, deadlineIn(5_000));
  assert.deepEqual(await read(), { ok: true, value: undefined });
});

test(
  "a command is answered as soon as its task has ended, which this server pushes a quarter of a second later",
  { skip },
  async () => {
    let slowestMs = 0;
    for (const power of ["reset", "reset", "reset"] as const) {
      const startedAt = Date.now();
      assert.ok((await link.operate(vmName, { name: "power", power }, deadlineIn(5_000))).ok);
      slowestMs = Math.max(slowestMs, Date.now() - startedAt);
    }
    assert.ok(slowestMs < 1_000, `${slowestMs} ms`);
  },
);
