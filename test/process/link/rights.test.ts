/** What accounts may do where, licences, lockdown mode, certificates and TLS: what is reported, and what `vbmc check` says. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { test } from "node:test";
import { createServer } from "node:tls";

import { generate } from "selfsigned";

import { defined } from "../../../src/base/defined.js";
import type { LinkConfiguration } from "../../../src/process/ipc/configuration.js";
import type { DiagnosisStep } from "../../../src/process/ipc/question.js";
import { expiry } from "../../../src/vsphere/trust.js";
import { isOff, isState, linksOfThisFile, type ServedLink } from "../../support/servedLink.js";

const open = linksOfThisFile();

const powerRole = ["VirtualMachine.Interact.PowerOn"];
const lab = [{ name: "node-1", folder: "Lab" }, { name: "node-2", folder: "Lab" }, { name: "other" }];

/** The step of `vbmc check` for a VM by name or UUID. */
async function check(served: ServedLink, step: DiagnosisStep["step"], vmName: string, vmUuid?: string) {
  const machine = defined({ vmName, vmUuid });
  const answer = await served.link.ask({ name: "diagnose", machines: [machine] }, 5_000);
  assert.ok(answer.ok && "diagnoses" in answer);
  const found = answer.diagnoses[0]?.steps.find((each) => each.step === step);
  assert.ok(found);
  return found;
}

async function denial(served: ServedLink, vmName: string): Promise<string> {
  const report = await served.reported(vmName, (latest) => !latest.fresh && latest.kind === "denied");
  return report.fresh ? "" : report.reason;
}

test("an account with a role on one VM works for it by UUID; for others it learns which privilege is missing where", async () => {
  const served = await open({ simulator: { vms: lab } });
  served.simulator.behaviour.permissions = [{ path: "DC0/vm/Lab/node-1", privileges: powerRole, propagate: false }];
  const { instanceUuid } = served.vm("node-1");
  served.link.serve([
    { vmName: "mine", vmUuid: instanceUuid, directory: served.directory },
    { vmName: "node-2", directory: served.directory },
  ]);
  await served.reported("mine", isOff);
  await served.machine("mine").power("on");
  await assert.rejects(served.machine("mine").power("off"), {
    kind: "denied",
    message: /needs VirtualMachine\.Interact\.PowerOff on VirtualMachine vm-101\): add the privilege/,
  });
  assert.match(await denial(served, "node-2"), /NoPermission: .*needs System\.View on Folder group-d1/);
  assert.equal(served.simulator.sessions.count(), 1);
  assert.equal((await check(served, "virtual machine", "mine", instanceUuid)).status, "ok");
  const denied = await check(served, "virtual machine", "node-2");
  assert.match(
    `${denied.status}: ${denied.detail}`,
    /^failed: .*System\.View on Folder group-d1.*read-only role.*--vm-uuid/,
  );
  const lacking = await check(served, "privileges", "mine", instanceUuid);
  assert.match(lacking.detail, /lacks VirtualMachine\.Interact\.PowerOff .*VirtualMachine\.Interact\.Reset/);
});

test("a read-only role on each level above, not propagated, lets an account find its VMs by name", async () => {
  const served = await open({ simulator: { vms: lab } });
  served.simulator.behaviour.permissions = [
    ...["", "DC0", "DC0/vm"].map((level) => ({ path: level, privileges: [], propagate: false })),
    { path: "DC0/vm/Lab", privileges: powerRole, propagate: true },
  ];
  await served.serve("node-1", "node-2");
  await served.machine("node-2").power("on");
  const answer = await served.link.ask({ name: "discover" }, 5_000);
  assert.ok(answer.ok && "machines" in answer);
  assert.deepEqual(answer.machines.map(({ name }) => name).sort(), ["node-1", "node-2"]);
});

test("a VM that is seen and may not be read is denied with System.Read, in the push and when it is asked", async () => {
  const served = await open({ simulator: { vms: lab } });
  served.simulator.behaviour.withheldPrivileges = new Set(["System.Read"]);
  const { instanceUuid } = served.vm("node-1");
  served.link.serve([{ vmName: "node-1", vmUuid: instanceUuid, directory: served.directory }]);
  assert.match(await denial(served, "node-1"), /needs System\.Read on VirtualMachine vm-101/);
  await assert.rejects(async () => served.machine("node-1").powerState(), { kind: "denied", message: /System\.Read/ });
  const step = await check(served, "virtual machine", "node-1", instanceUuid);
  assert.match(`${step.status}: ${step.detail}`, /^failed: .*System\.Read on VirtualMachine vm-101/);
  assert.deepEqual([served.calls("Login"), served.simulator.sessions.count()], [1, 1]);
});

test("a free licence: every change is denied, reading works, and check says that the licence has no API", async () => {
  const served = await open({ simulator: { esxi: true } });
  assert.equal((await check(served, "privileges", "vm-01")).status, "ok");
  served.simulator.behaviour.freeLicence = true;
  await served.serve("vm-01");
  await assert.rejects(served.machine("vm-01").power("on"), { kind: "denied", message: /RestrictedVersion.*licence/ });
  assert.equal(await served.machine("vm-01").powerState(), "poweredOff");
  const step = await check(served, "privileges", "vm-01");
  assert.equal(step.status, "failed");
  assert.match(step.detail, /the licence of .* \(VMware vSphere 8 Hypervisor\) has no API for changes/);
});

test("lockdown mode, or no role at all: the login is reported as refused with both reasons, and is not tried at once again", async () => {
  const served = await open({ simulator: { behaviour: { lockdown: true } } });
  const message = await served.until(isState("loginFailed"));
  assert.ok(message.type === "linkState" && message.linkState.state === "loginFailed");
  assert.match(
    message.linkState.reason,
    /refuses the login of .*: it has no role there at all, or the host is in lockdown/,
  );
  assert.equal(served.calls("Login"), 1);
  const step = await check(served, "vCenter login", "vm-01");
  assert.match(`${step.status}: ${step.detail}`, /^failed: .*lockdown mode.*exception user/);
  assert.equal(
    served.calls("Login"),
    2,
    "who asks has a try: the role may have been granted, and nothing can be locked",
  );
});

for (const [state, words] of [
  ["disconnected", /vCenter has lost its host, so connect the host again/],
  ["inaccessible", /cannot read its files, so check its datastore/],
  ["orphaned", /no host has it, so register it again/],
  ["invalid", /configuration file is damaged, so restore/],
] as const) {
  test(`a VM that is ${state} is reported as that, with what helps and nothing of roles`, async () => {
    const served = await open();
    served.vm("vm-01").connectionState = state;
    served.link.serve([{ vmName: "vm-01", directory: served.directory }]);
    const report = await served.reported("vm-01", (latest) => !latest.fresh && latest.reason.includes(state));
    assert.ok(!report.fresh && report.kind === "busy");
    const step = await check(served, "power state", "vm-01");
    assert.equal(step.status, "failed");
    assert.match(step.detail, new RegExp(`the VM is ${state}`));
    assert.match(step.detail, words);
    assert.doesNotMatch(step.detail, /role/);
    for (const operation of ["on", "softShutdown", "reset"] as const) {
      await assert.rejects(served.machine("vm-01").power(operation), {
        kind: state === "disconnected" ? "busy" : "invalidState",
      });
    }
    assert.match(
      (await check(served, "virtual machine", "vm-01")).detail,
      /^vm-01, vm-101, instance UUID [0-9a-f-]{36}$/,
    );
  });
}

/** A link at a server whose certificate is the authority of viserver_cafile. */
async function openWithAuthority(cert: string, configuration: Partial<LinkConfiguration> = {}): Promise<ServedLink> {
  const first = await open();
  const caFile = path.join(first.directory, "authority.pem");
  await writeFile(caFile, cert);
  return open({ configuration: { tls: { caFile }, ...configuration } });
}

test("a certificate of a trusted authority that has expired is reported as expired", async () => {
  const day = 24 * 60 * 60 * 1_000;
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 3 * day),
    notAfterDate: new Date(Date.now() - day),
  });
  const server = createServer({ key, cert }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const viserver = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const served = await openWithAuthority(cert, { viserver });
  const step = await check(served, "certificate", "vm-01");
  server.close();
  assert.equal(step.status, "failed");
  assert.match(step.detail, /has expired on \d{4}-\d\d-\d\d; no password was sent.*renew it in vSphere/);
  assert.doesNotMatch(step.detail, /vouched/);
});

test("an expired certificate that is remembered or pinned goes on working, and check warns", async () => {
  const served = await open({ simulator: { expiredCertificate: true } });
  await served.serve("vm-01");
  const step = await check(served, "certificate", "vm-01");
  assert.match(`${step.status}: ${step.detail}`, /^warning: trusted; SHA-256 .*; it has expired on .*: renew it/);
  assert.equal(expiry({ validTo: "Jan  1 00:00:00 2099 GMT" }), undefined);
});

test("a server that offers TLS 1.1 at most is reported as that", async () => {
  const { private: key, cert } = await generate([{ name: "commonName", value: "old" }], { algorithm: "sha256" });
  const server = createServer({ key, cert, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const served = await open({ configuration: { viserver: `127.0.0.1:${port}` } });
  const step = await check(served, "vCenter", "vm-01");
  server.close();
  assert.match(
    `${step.status}: ${step.detail}`,
    /^failed: 127\.0\.0\.1 port \d+ does not support TLS 1\.2 or later: enable it/,
  );
  assert.doesNotMatch(step.detail, /check the address/);
});

test("a role without what few ask for, answers and diagnostic interrupts, is a warning", async () => {
  const served = await open();
  await served.serve("vm-01");
  const { behaviour } = served.simulator;
  behaviour.withheldPrivileges = new Set([
    "VirtualMachine.Interact.AnswerQuestion",
    "VirtualMachine.Interact.GuestControl",
  ]);
  const { status, detail } = await check(served, "privileges", "vm-01");
  assert.equal(status, "warning");
  assert.match(detail, /lacks \S+AnswerQuestion \(vbmc answer\), \S+GuestControl \(diagnostic interrupt\): add them/);
  behaviour.withheldPrivileges = new Set(["VirtualMachine.Interact.AnswerQuestion", "VirtualMachine.Interact.Reset"]);
  assert.equal((await check(served, "privileges", "vm-01")).status, "failed");
});
