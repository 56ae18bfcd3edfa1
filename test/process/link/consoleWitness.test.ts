/** The serial port of a console as a client sees it that is not ours (pyVmomi), at both simulators. */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

import { deadlineIn } from "../../../src/base/async/deadline.js";
import type { MachineOperation } from "../../../src/model/machine/operation.js";
import type { FromLink } from "../../../src/process/ipc/link.js";
import { createVcenterLink } from "../../../src/process/link/vcenterLink.js";
import { peer } from "../../support/peer.js";
import { removeFolder } from "../../support/temporaryFolder.js";
import { vcenters } from "../../support/vcenters.js";
import { hasPyvmomi, openWitness } from "../../support/witness.js";

const pyvmomi = peer("python3-pyvmomi", hasPyvmomi).skip;

for (const vcenter of vcenters) {
  const skip = vcenter.skip !== false ? vcenter.skip : pyvmomi;
  test(`${vcenter.name}: the console's serial port is there, is changed, and is gone`, { skip }, async () => {
    const running = await vcenter.start(1);
    const { username, password } = running;
    const witness = await openWitness(running.url, username, password);
    const folder = await mkdtemp(path.join(tmpdir(), "vbmc-console-"));
    const [vmName = ""] = await witness.names();
    let known = (): void => undefined;
    const isKnown = new Promise<void>((resolve) => (known = resolve));
    const tls = { trustFile: path.join(folder, "certificate") };
    const link = createVcenterLink(
      { viserver: new URL(running.url).host, username, password, tls, nextBoot: "once" },
      (message: FromLink) => {
        if (message.type === "machineReport" && message.report.fresh) {
          known();
        }
      },
    );
    const operate = async (operation: MachineOperation): Promise<unknown> => {
      const result = await link.operate(vmName, operation, deadlineIn(20_000));
      assert.ok(result.ok, JSON.stringify(result));
      return result.value;
    };
    const setUp = async (proxyUri: string): Promise<string> => {
      const setup = {
        serviceUri: `vbmc:${vmName}?token=00ff`,
        direction: "server",
        proxyUri,
        formerUri: null,
        reconnect: false,
      } as const;
      return ((await operate({ name: "setUpConsole", ...setup })) as { change: string }).change;
    };
    const expected = (proxyUri: string) => ({
      backing: "URIBackingInfo",
      serviceUri: `vbmc:${vmName}?token=00ff`,
      direction: "server",
      proxyUri,
      startsConnected: true,
      yieldsOnPoll: true,
    });
    try {
      link.serve([{ vmName, directory: folder }]);
      await isKnown;
      await operate({ name: "power", power: "off" });
      assert.equal(await setUp("telnet://127.0.0.1:9"), "added");
      assert.deepEqual(await witness.serialPorts(vmName), [expected("telnet://127.0.0.1:9")]);
      assert.equal(await setUp("telnet://127.0.0.1:9"), "none");
      assert.equal(await setUp("telnets://[::1]:9#thumbprint=00:11&peerName=x"), "changed");
      assert.deepEqual(await witness.serialPorts(vmName), [expected("telnets://[::1]:9#thumbprint=00:11&peerName=x")]);
      await operate({ name: "removeConsole", serviceUri: `vbmc:${vmName}?token=00ff`, formerUri: null });
      assert.deepEqual(await witness.serialPorts(vmName), []);
    } finally {
      await link.stop();
      await witness.close();
      await running.close();
      await removeFolder(folder);
    }
  });
}
