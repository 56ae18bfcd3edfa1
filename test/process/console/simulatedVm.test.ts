/** The console process with simulated VMs, whose telnet is their own: what one of them misunderstands shows here. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { afterEach, test } from "node:test";
import { connect } from "node:tls";

import { networkSerialPort, type Simulator, startSimulator, usualDevices } from "../../../src/simulator/index.js";
import { type TestConsoles, testConsoles, uuids, type Viewer } from "../../support/testConsoles.js";

let simulators: Simulator[] = [];
afterEach(async () => {
  await Promise.all(simulators.map(({ close }) => close()));
  simulators = [];
});

/** Off, with the serial port of vm-01's console. */
async function simulatedVm(
  consoles: TestConsoles,
  { scheme = "telnet", token = "secret-1", options = "", instanceUuid = uuids.vm01.instance } = {},
): Promise<Simulator> {
  const port = networkSerialPort(`vbmc:vm-01?token=${token}`, `${scheme}://127.0.0.1:${consoles.port}${options}`);
  const simulator = await startSimulator({
    address: "127.0.0.1",
    port: 0,
    tls: true,
    username: "vbmc",
    password: "secret",
    vms: [{ name: "vm-01", uuid: uuids.vm01.bios, instanceUuid, devices: [...usualDevices, port] }],
  });
  Object.assign(simulator.behaviour, { guestBootMs: 60, serialRetryMs: 30 });
  simulators.push(simulator);
  return simulator;
}

const vmOf = ({ inventory }: Simulator) => [...inventory.vms.values()][0]!;

async function logIn(viewer: Viewer): Promise<void> {
  for (const [shown, typed] of [
    ["vm-01 login: ", "root\r"],
    ["Password: ", "password\r"],
    ["root@vm-01:~# ", ""],
  ] as const) {
    await viewer.until(() => viewer.output.endsWith(shown));
    viewer.stream.write(Buffer.from(typed));
  }
}

const lines = 200_000;

for (const order of ["captured", "documented"] as const) {
  for (const scheme of ["telnet", "telnets"]) {
    test(`in the order that is ${order}, by ${scheme}: a flood that a vMotion interrupts has no hole`, async () => {
      const consoles = await testConsoles();
      const simulator = await simulatedVm(consoles, { scheme });
      simulator.behaviour.serialOrder = order;
      const viewer = await consoles.view("vm-01");
      simulator.switchTo(vmOf(simulator), "poweredOn");
      await logIn(viewer);
      viewer.stream.write(Buffer.from(`seq 1 ${lines}\r`));
      await viewer.until(() => viewer.output.includes("\r\n100\r\n"));
      await simulator.move(vmOf(simulator));
      assert.ok(!viewer.output.includes(`\r\n${lines}\r\n`), "it moved in the midst of the flood");
      await viewer.until(() => viewer.output.endsWith(`\r\n${lines}\r\nroot@vm-01:~# `));
      const numbers = viewer.output.match(/^\d+(?=\r$)/gm) ?? [];
      assert.deepEqual([numbers.length, numbers.findIndex((number, at) => Number(number) !== at + 1)], [lines, -1]);
      viewer.stream.sendBreak();
      viewer.stream.write(Buffer.from("h"));
      await viewer.until(() => viewer.output.includes("sysrq: HELP"));
      assert.equal(consoles.states.get("vm-01")?.isEncrypted, scheme === "telnets");
    });
  }
}

test("a VM with another's token, or without one, is not taken, and its guest is not heard", async () => {
  const consoles = await testConsoles();
  const viewer = await consoles.view("vm-01");
  for (const token of ["secret-2", "secret-1x", ""]) {
    const simulator = await simulatedVm(consoles, { token });
    simulator.behaviour.serialRetryMs = Infinity;
    const vm = vmOf(simulator);
    const refused = new Promise<void>((resolve) => {
      simulator.inventory.objects.onChange(() => {
        if (vm.devices.some(({ connectable }) => connectable?.status === "recoverableError")) {
          resolve();
        }
      });
    });
    simulator.switchTo(vm, "poweredOn");
    await refused;
  }
  assert.deepEqual([viewer.output, viewer.status.connected], ["", false]);
});

test("the thumbprint of the concentrator's certificate is what the VM checks before it says anything", async () => {
  const consoles = await testConsoles();
  const probe = connect({ host: "127.0.0.1", port: consoles.port, rejectUnauthorized: false });
  await once(probe, "secureConnect");
  const { fingerprint } = new X509Certificate(probe.getPeerX509Certificate()!.raw);
  probe.destroy();
  const viewer = await consoles.view("vm-01");
  const wrong = await simulatedVm(consoles, {
    scheme: "telnets",
    options: `#thumbprint=${fingerprint.replace(/^../, "00")}`,
  });
  wrong.switchTo(vmOf(wrong), "poweredOn");
  const right = await simulatedVm(consoles, { scheme: "telnets", options: `#thumbprint=${fingerprint}` });
  right.switchTo(vmOf(right), "poweredOn");
  await viewer.until(() => viewer.output.endsWith("login: "));
  assert.equal(vmOf(wrong).devices.at(-1)?.connectable?.status, "recoverableError");
});

test("the console process starts again: the VM dials again, and who comes later sees what was written", async () => {
  const consoles = await testConsoles();
  const simulator = await simulatedVm(consoles);
  const vm = vmOf(simulator);
  simulator.switchTo(vm, "poweredOn");
  await consoles.until(() => consoles.states.get("vm-01")?.connectedSince !== undefined);
  consoles.process.withdraw("vm-01");
  consoles.serve({ vmName: "vm-01", biosUuid: uuids.vm01.bios });
  await consoles.until(() => consoles.states.get("vm-01")?.connectedSince !== undefined);
  simulator.switchTo(vm, "poweredOn");
  const viewer = await consoles.view("vm-01", { replayBytes: 65_536 });
  await viewer.until(() => viewer.output.endsWith("login: "));
});
