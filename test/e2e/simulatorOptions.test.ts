/** The simulator plays what real servers do when its options ask for it. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

import type { LinkConfiguration } from "../../src/process/ipc/configuration.js";
import { diagnose } from "../../src/process/link/diagnosis.js";
import { login } from "../../src/process/link/login.js";
import { readInventory } from "../../src/vsphere/hardware.js";
import { fromSoap } from "../../src/vsphere/moRef.js";
import { isoImage } from "../support/isoImage.js";
import { patiently, until } from "../support/patience.js";
import { freeTcpPort } from "../support/ports.js";
import { inRepository } from "../support/repository.js";
import { openSoapCalls, send } from "../support/soapCalls.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const stateDirectory = temporaryFolder();
const running: ChildProcess[] = [];
after(async () => {
  await Promise.all(running.map((child) => (child.kill(), once(child, "exit"))));
});

function vbmcSimulator(...options: readonly string[]): ChildProcess {
  const args = ["simulator", "--port", "0", "--state-dir", stateDirectory, ...options];
  return spawn(process.execPath, [inRepository("bin/vbmc.js"), ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

async function start(...options: readonly string[]): Promise<LinkConfiguration> {
  const child = vbmcSimulator(...options);
  running.push(child);
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  const viserver = /^https:\/\/([\d.:]+)\/sdk/.exec(line)?.[1];
  assert.ok(viserver !== undefined, line);
  return { viserver, username: "administrator@vsphere.local", password: "password", tls: {}, nextBoot: "once" };
}

test("--lockdown refuses the login with NoPermission", async () => {
  await assert.rejects(login(await start("--lockdown"), {}), { fault: "NoPermission", method: "Login" });
});

test("--role-on, --free-licence, --connection-state and --expired-certificate show in a diagnosis", async () => {
  const options = ["--free-licence", "--expired-certificate", "--connection-state", "vm-02=orphaned"];
  const configuration = await start("--role-on", "DC0/vm", "--vms", "2", ...options);
  const session = await login(configuration, {});
  const found = await session.call("FindByInventoryPath", session.content.searchIndex, {
    inventoryPath: "DC0/vm/vm-02",
  });
  const uuids = await session.call("RetrievePropertiesEx", session.content.propertyCollector, {
    specSet: [
      {
        propSet: [{ type: "VirtualMachine", all: false, pathSet: ["config.instanceUuid"] }],
        objectSet: [{ obj: found }],
      },
    ],
    options: {},
  });
  const vmUuid = /[0-9a-f-]{36}/.exec(JSON.stringify(uuids))?.[0] ?? "";
  const machines = [{ vmName: "vm-02", vmUuid }, { vmName: "vm-01" }];
  const [orphaned, byName] = await diagnose(configuration, machines, () => Promise.resolve(session));
  await session.logout();
  const detailOf = (step: string): string => orphaned?.steps.find((each) => each.step === step)?.detail ?? "";
  assert.match(detailOf("certificate"), /has expired on/);
  assert.match(detailOf("power state"), /the VM is orphaned/);
  assert.match(detailOf("privileges"), /has no API for changes/);
  assert.match(
    byName?.steps.find(({ status }) => status === "failed")?.detail ?? "",
    /System\.View on Folder group-d1/,
  );
});

test("--efi gives a VM EFI firmware and a CD-ROM on SATA, and the others a BIOS", async () => {
  const session = await login(await start("--efi", "vm-02", "--vms", "2"), {});
  const hardwareOf = async (name: string): Promise<unknown> => {
    const found = fromSoap(
      await session.call("FindByInventoryPath", session.content.searchIndex, { inventoryPath: `DC0/vm/${name}` }),
    );
    assert.ok(found);
    const { firmware, storageControllers } = await readInventory(session, found, 10_000);
    return [firmware, storageControllers.map(({ model }) => model).includes("ahci")];
  };
  assert.deepEqual(
    [await hardwareOf("vm-01"), await hardwareOf("vm-02")],
    [
      ["bios", false],
      ["efi", true],
    ],
  );
  await session.logout();
});

test("--connection-state for a VM that is not there fails, and says what is wanted", async () => {
  const child = vbmcSimulator("--connection-state", "vm-77=orphaned");
  let text = "";
  child.stderr!.on("data", (part: Buffer) => (text += part.toString()));
  const [code] = (await once(child, "close")) as [number];
  assert.equal(code, 1);
  assert.match(text, /--connection-state vm-77=orphaned: give a VM and one of disconnected, .* such as vm-01=orphaned/);
});

test("--datastore, --file-tickets and --guests-hold-cd make datastores of their sizes, tickets needed and doors locked", async () => {
  const { viserver } = await start(
    "--datastore",
    "fast=2",
    "slow=0.5",
    "--file-tickets",
    "--guests-hold-cd",
    "--vms",
    "1",
  );
  const url = `https://${viserver}`;
  const calls = await openSoapCalls(`${url}/sdk`, { username: "administrator@vsphere.local", password: "password" });
  const fetch = async (type: string, id: string, property: string): Promise<string> =>
    (await calls.call("Fetch", [type, id], `<prop>${property}</prop>`)).body;
  assert.match(await fetch("Datastore", "datastore-10", "summary"), />fast<.*>2147483648</);
  assert.match(await fetch("Datastore", "datastore-110", "summary"), />slow<.*>536870912</);
  const image = isoImage("LIVE");
  const file = `${url}/folder/live.iso?dcPath=DC0&dsName=fast`;
  assert.equal((await send(file, "PUT", { Cookie: calls.cookie }, image)).status, 404);
  const ticket = await calls.call(
    "AcquireGenericServiceTicket",
    ["SessionManager", "SessionManager"],
    `<spec xsi:type="SessionManagerHttpServiceRequestSpec"><method>httpPut</method><url>${file.replaceAll("&", "&amp;")}</url></spec>`,
  );
  const id = /<id[^>]*>([^<]+)</.exec(ticket.body)?.[1] ?? "";
  assert.equal((await send(file, "PUT", { Cookie: `vmware_cgi_ticket=${id}` }, image)).status, 201);
  const vm = ["VirtualMachine", "vm-101"] as const;
  const edit = (backing: string, isConnected: boolean): string =>
    `<spec><deviceChange><operation>edit</operation><device xsi:type="VirtualCdrom"><key>3000</key>${backing}<connectable>` +
    `<startConnected>${isConnected}</startConnected><allowGuestControl>true</allowGuestControl>` +
    `<connected>${isConnected}</connected></connectable></device></deviceChange></spec>`;
  const iso = '<backing xsi:type="VirtualCdromIsoBackingInfo"><fileName>[fast] live.iso</fileName></backing>';
  await calls.task("ReconfigVM_Task", vm, edit(iso, true));
  const order =
    '<spec><bootOptions><bootOrder xsi:type="VirtualMachineBootOptionsBootableCdromDevice"/></bootOptions></spec>';
  await calls.task("ReconfigVM_Task", vm, order);
  assert.match(await calls.task("PowerOnVM_Task", vm), />success</);
  assert.match(await fetch(...vm, "guest.hostName"), />live</);
  const empty = '<backing xsi:type="VirtualCdromRemotePassthroughBackingInfo"><deviceName></deviceName></backing>';
  const ejected = calls.task("ReconfigVM_Task", vm, edit(empty, false));
  const question = await until(
    "the question",
    async () => /<question[^>]*><id[^>]*>([^<]+)</.exec(await fetch(...vm, "runtime"))?.[1],
  );
  await calls.call("AnswerVM", vm, `<questionId>${question}</questionId><answerChoice>0</answerChoice>`);
  assert.match(await ejected, />success</);
});

test("--serial-port and --vmotion: a guest at a TCP port, whose VM is tied to its host", async () => {
  const port = await freeTcpPort();
  const { viserver } = await start("--serial-port", `vm-01=tcp://:${port}`, "--vmotion", "--vms", "1");
  const url = `https://${viserver}/sdk`;
  const calls = await openSoapCalls(url, { username: "administrator@vsphere.local", password: "password" });
  assert.match(await calls.task("PowerOnVM_Task", ["VirtualMachine", "vm-101"]), />success</);
  const socket = connect(port, "127.0.0.1");
  let text = "";
  const prompt = new Promise<void>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.endsWith("vm-01 login: ")) {
        resolve();
      }
    });
  });
  socket.write("\r");
  await patiently(prompt, () => text);
  socket.destroy();
  const child = running.at(-1)!;
  const told = once(createInterface({ input: child.stdout! }), "line");
  child.kill("SIGUSR2");
  assert.match(String(await told), /^vm-01 could not be moved: Currently connected device 'Serial port 1' uses/);
});

test("--serial-port without an address fails, and says what is wanted", async () => {
  const child = vbmcSimulator("--serial-port", "vm-01");
  let text = "";
  child.stderr!.on("data", (part: Buffer) => (text += part.toString()));
  const [code] = (await once(child, "close")) as [number];
  assert.equal(code, 1);
  assert.match(text, /--serial-port vm-01: give a VM and an address, such as vm-01=tcp:\/\/:5001/);
});

test("--datastore without a size fails, and says what is wanted", async () => {
  const child = vbmcSimulator("--datastore", "fast");
  let text = "";
  child.stderr!.on("data", (part: Buffer) => (text += part.toString()));
  const [code] = (await once(child, "close")) as [number];
  assert.equal(code, 1);
  assert.match(text, /--datastore fast: give a name and a size in GiB, such as datastore1=100/);
});
