/** The serial port that is a VM's console, at a simulator that is as strict as a vCenter. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { deadlineIn } from "../../../src/base/async/deadline.js";
import type { MachineOperation, MachineOperationResult } from "../../../src/model/machine/operation.js";
import type { ConsoleSetup, ConsoleSetupOutcome, SerialPortReport } from "../../../src/model/machine/serialPort.js";
import { networkSerialPort, type SimulatedVm } from "../../../src/simulator/index.js";
import { linksOfThisFile, type ServedLink, type ServedLinkOptions, switchElsewhere } from "../../support/servedLink.js";

const openLink = linksOfThisFile();

const concentrator: ConsoleSetup = {
  serviceUri: "vbmc:vm-01?token=0123456789abcdef",
  direction: "server",
  // No server listens there: what comes of the connection is no matter here.
  proxyUri: "telnet://127.0.0.1:9",
  formerUri: null,
  reconnect: false,
};

interface ConsoleLink extends ServedLink {
  readonly ask: (operation: MachineOperation) => Promise<MachineOperationResult>;
  readonly setUp: (more?: Partial<ConsoleSetup>) => Promise<ConsoleSetupOutcome>;
  readonly read: () => Promise<SerialPortReport>;
  readonly failure: (operation: MachineOperation) => Promise<string>;
  readonly port: () => SimulatedVm["devices"][number] | undefined;
}

async function open(options: ServedLinkOptions = {}): Promise<ConsoleLink> {
  const served = await openLink(options);
  served.simulator.behaviour.taskDurationMs = 5;
  await served.serve("vm-01");
  const ask = (operation: MachineOperation): Promise<MachineOperationResult> =>
    served.link.operate("vm-01", operation, deadlineIn(20_000));
  const value = async <T>(operation: MachineOperation): Promise<T> => {
    const result = await ask(operation);
    assert.ok(result.ok, JSON.stringify(result));
    return result.value as T;
  };
  return {
    ...served,
    ask,
    setUp: (more = {}) => value({ name: "setUpConsole", ...concentrator, ...more }),
    read: () => value({ name: "readSerialPorts" }),
    failure: async (operation) => {
      const result = await ask(operation);
      assert.ok(!result.ok, "it should have failed");
      return `${result.kind}: ${result.message}`;
    },
    port: () => served.vm("vm-01").devices.find(({ type }) => type === "VirtualSerialPort"),
  };
}

const setUpRequest = { name: "setUpConsole", ...concentrator } as const;
const removeRequest = { name: "removeConsole", serviceUri: concentrator.serviceUri, formerUri: null } as const;

test("a VM that is off gets a network serial port, which yields on poll and starts connected", async () => {
  const served = await open();
  assert.deepEqual(await served.read(), { ports: [], isOff: true, warnings: [] });
  const { change, port, warnings } = await served.setUp();
  const { serviceUri, direction, proxyUri } = concentrator;
  const expected = {
    key: 9000,
    label: "Serial port 1",
    backing: { kind: "network", serviceUri, direction, proxyUri },
    isConnected: false,
    startsConnected: true,
    status: "ok",
    yieldsOnPoll: true,
  };
  assert.deepEqual([change, port, warnings], ["added", expected, []]);
  assert.deepEqual(await served.read(), { ports: [expected], isOff: true, warnings: [] });
  assert.equal(served.port()?.controllerKey, 400);
});

test("a second set-up changes nothing, and asks for no task", async () => {
  const served = await open();
  await served.setUp();
  const before = served.calls("ReconfigVM_Task");
  assert.equal((await served.setUp()).change, "none");
  assert.equal(served.calls("ReconfigVM_Task"), before);
});

test("while the VM is on none is added and none removed, and the answer says what to do", async () => {
  const served = await open();
  await served.machine("vm-01").power("on");
  const only = (verb: string): string =>
    `invalidState: the VM is on, and vSphere ${verb} a serial port only while it is off: switch it off first`;
  assert.equal(await served.failure(setUpRequest), only("adds"));
  assert.equal(served.calls("ReconfigVM_Task"), 0);
  await served.machine("vm-01").power("off");
  await served.setUp();
  await served.machine("vm-01").power("on");
  assert.equal(await served.failure(removeRequest), only("removes"));
  assert.ok(served.port());
});

test("a refusal of the server says the same as ours, where the VM was switched on meanwhile", async () => {
  const served = await open();
  for (const type of ["DeviceHotPlugNotSupported", "InvalidPowerState"]) {
    served.simulator.rules.add({ method: "ReconfigVM_Task", times: 1, misbehaviour: { kind: "fault", type } });
    assert.match(
      await served.failure(setUpRequest),
      /^invalidState: the VM is on, and vSphere adds a serial port only/,
    );
  }
});

test("the console is taken away while the VM is off; where there is none, that is no failure", async () => {
  const served = await open();
  await served.setUp();
  assert.deepEqual(await served.ask(removeRequest), { ok: true, value: { isRemoved: true } });
  assert.equal(served.port(), undefined);
  assert.deepEqual(await served.ask(removeRequest), { ok: true, value: { isRemoved: false } });
});

test("the address is changed while the VM is on: the port is disconnected for it and connected again", async () => {
  const served = await open();
  await served.setUp();
  await served.machine("vm-01").power("on");
  const proxyUri = "telnets://127.0.0.1:10#thumbprint=00:11";
  const serviceUri = "vbmc:vm-01?token=another";
  const { change, port } = await served.setUp({ proxyUri, serviceUri });
  assert.equal(change, "changed");
  assert.deepEqual(port.backing, { kind: "network", serviceUri, direction: "server", proxyUri });
  assert.equal(served.vm("vm-01").devices.filter(({ type }) => type === "VirtualSerialPort").length, 1);
});

test("a direct port that was set up before is changed, not joined by a second one; one of others is left alone", async () => {
  const served = await open();
  const direct = { serviceUri: "tcp://:5000", proxyUri: null };
  await served.setUp(direct);
  const uris = (): unknown[] =>
    served
      .vm("vm-01")
      .devices.filter(({ type }) => type === "VirtualSerialPort")
      .map(({ backing }) => backing?.fields["serviceURI"]);
  assert.equal((await served.setUp({ formerUri: "tcp://:5000" })).change, "changed");
  assert.deepEqual(uris(), [concentrator.serviceUri]);
  assert.equal((await served.setUp(direct)).change, "changed", "an address of ours is known by itself");
  assert.equal((await served.setUp({ formerUri: "tcp://:5001" })).change, "added");
  assert.deepEqual(uris(), ["tcp://:5000", concentrator.serviceUri]);
});

test("a port that was not seen to connect is connected again on request", async () => {
  const served = await open();
  await served.setUp();
  await served.machine("vm-01").power("on");
  assert.equal((await served.setUp({ reconnect: true })).change, "reconnected");
});

test("a port is connected again without any other change; where there is none, or the VM is off, that is no failure", async () => {
  const served = await open();
  const reconnect = { name: "reconnectConsole", serviceUri: concentrator.serviceUri } as const;
  const nothing = { ok: true, value: { isReconnected: false } };
  assert.deepEqual(await served.ask(reconnect), nothing);
  await served.setUp();
  assert.deepEqual(await served.ask(reconnect), nothing);
  await served.machine("vm-01").power("on");
  assert.deepEqual(await served.ask({ ...reconnect, serviceUri: "vbmc:vm-01?token=another" }), nothing);
  const before = served.calls("ReconfigVM_Task");
  const { backing } = served.port() ?? {};
  assert.deepEqual(await served.ask(reconnect), { ok: true, value: { isReconnected: true } });
  assert.ok(served.calls("ReconfigVM_Task") > before);
  assert.deepEqual(served.port()?.backing, backing);
});

test("EFI firmware is shown on the console: the set-up sets the advanced option, and says so where it may not", async () => {
  const served = await open({ simulator: { efi: ["vm-01"] } });
  served.simulator.behaviour.withheldPrivileges = new Set(["VirtualMachine.Config.AdvancedConfig"]);
  const { change, warnings } = await served.setUp();
  assert.equal(change, "added");
  assert.match(
    warnings[0]!,
    /^the firmware is not on the console, since efi.serialconsole.enabled = TRUE could not be set/,
  );
  assert.deepEqual(served.vm("vm-01").extraConfig, {});
  served.simulator.behaviour.withheldPrivileges = new Set();
  const again = await served.setUp();
  assert.deepEqual([again.change, again.warnings], ["changed", []]);
  assert.deepEqual(served.vm("vm-01").extraConfig, { "efi.serialconsole.enabled": "TRUE" });
  assert.equal((await served.setUp()).change, "none");
});

test("ports of others are left alone", async () => {
  const served = await open({
    simulator: {
      vms: [
        {
          name: "vm-01",
          devices: [
            { type: "VirtualSIOController", key: 400, label: "SIO controller 0", busNumber: 0 },
            {
              type: "VirtualSerialPort",
              key: 9000,
              label: "Serial port 1",
              controllerKey: 400,
              unitNumber: 0,
              backing: { type: "VirtualSerialPortFileBackingInfo", fields: { fileName: "[datastore1] log" } },
              connectable: { startConnected: true, allowGuestControl: true, connected: false },
              yieldOnPoll: false,
            },
          ],
        },
      ],
    },
  });
  assert.equal((await served.setUp()).port.label, "Serial port 2");
  const { ports } = await served.read();
  assert.deepEqual(
    ports.map(({ backing }) => backing.kind),
    ["other", "network"],
  );
  await served.ask(removeRequest);
  assert.deepEqual(
    (await served.read()).ports.map(({ key }) => key),
    [9000],
  );
});

test("missing privileges are named before anything is asked for, and by the report", async () => {
  const served = await open();
  served.simulator.behaviour.withheldPrivileges = new Set(["VirtualMachine.Config.AddRemoveDevice"]);
  assert.equal(
    await served.failure(setUpRequest),
    "denied: the account lacks privileges: add VirtualMachine.Config.AddRemoveDevice on the VM to its roles",
  );
  assert.equal(served.calls("ReconfigVM_Task"), 0);
  assert.deepEqual((await served.read()).warnings, [
    "the account cannot set the console up: add VirtualMachine.Config.AddRemoveDevice to its role on the VM",
  ]);
  served.simulator.behaviour.withheldPrivileges = new Set();
  await served.setUp();
  await served.machine("vm-01").power("on");
  served.simulator.behaviour.withheldPrivileges = new Set(["VirtualMachine.Interact.DeviceConnection"]);
  assert.match(
    await served.failure({ ...setUpRequest, reconnect: true }),
    /^denied: .* VirtualMachine.Interact.DeviceConnection on the VM/,
  );
});

test("a licence without network serial ports and a closed firewall are warnings that say what to do", async () => {
  const served = await open();
  served.simulator.behaviour.serialLicence = false;
  served.simulator.behaviour.firewallRuleSets = new Set();
  const { warnings } = await served.setUp();
  assert.equal(warnings.length, 2);
  assert.match(
    warnings[0]!,
    /^the licence VMware vSphere 8 Standard has no network serial ports \(feature serialuri:2\)/,
  );
  assert.match(
    warnings[1]!,
    /^the firewall of 127\.0\.0\.1:\d+ keeps serial ports .* enable its rule set vSPC \(esxcli/,
  );
  assert.deepEqual((await served.read()).warnings, warnings);
  // A VM that waits for a connection needs the other rule set.
  served.simulator.behaviour.firewallRuleSets = new Set(["vSPC"]);
  const direct = await served.setUp({ serviceUri: "tcp://:5000", proxyUri: null });
  assert.match(direct.warnings[1]!, /enable its rule set remoteSerialPort/);
});

test("an address that vSphere refuses is a sentence without the token", async () => {
  const served = await open();
  served.simulator.rules.add({
    method: "ReconfigVM_Task",
    times: 1,
    misbehaviour: { kind: "fault", type: "InvalidDeviceBacking", message: `no good: ${concentrator.serviceUri}` },
  });
  const words = await served.failure(setUpRequest);
  assert.match(words, /^unsupported: vSphere does not accept the address of the console .*token=….*: see \[console\]/);
  served.simulator.rules.add({
    method: "ReconfigVM_Task",
    times: 1,
    misbehaviour: { kind: "fault", type: "GenericVmConfigFault", message: `odd: ${concentrator.serviceUri}` },
  });
  assert.equal(await served.failure(setUpRequest), "invalidState: GenericVmConfigFault: odd: vbmc:vm-01?token=…");
});

test("a VM that is suspended, has no place left, or may not be changed now: each is one sentence", async () => {
  const served = await open();
  const vm = served.vm("vm-01");
  switchElsewhere(served, vm, "suspended");
  assert.equal(
    await served.failure(setUpRequest),
    "invalidState: the VM is suspended, and vSphere adds a serial port only while it is off: switch it off first",
  );
  switchElsewhere(served, vm, "poweredOff");
  const others = Array.from({ length: 32 }, (_, unitNumber) => ({
    ...networkSerialPort(`tcp://:${6000 + unitNumber}`),
    key: 9000 + unitNumber,
    unitNumber,
  }));
  const usual = vm.devices;
  vm.devices = [...usual, ...others];
  assert.equal(
    await served.failure(setUpRequest),
    "unsupported: the VM has as many serial ports as it can have: take one away in vSphere",
  );
  vm.devices = [...usual, networkSerialPort(concentrator.serviceUri, "telnet://127.0.0.1:10")];
  switchElsewhere(served, vm, "suspended");
  assert.equal(
    await served.failure(setUpRequest),
    "invalidState: the VM is suspended, and vSphere changes no serial port then: resume it first",
  );
  switchElsewhere(served, vm, "poweredOff");
  served.simulator.behaviour.freeLicence = true;
  assert.match(await served.failure(setUpRequest), /^denied: RestrictedVersion: .*free ESXi licence has no API/);
  served.simulator.behaviour.freeLicence = false;
  vm.connectionState = "disconnected";
  assert.match(await served.failure(setUpRequest), /^busy: HostNotConnected: .*check in vCenter why/);
});

test("a set-up that vCenter takes long for is answered in time, and is there at the end", async () => {
  const served = await open();
  served.simulator.behaviour.taskDurationMs = 600;
  const early = await served.link.operate("vm-01", setUpRequest, deadlineIn(500));
  assert.deepEqual(early, { ok: true }, "under way, with nothing to tell yet");
  assert.equal((await served.setUp()).change, "none");
});
