/** Images on their way into the drives of VMs, at a simulator that is as strict as a vCenter, and out again. */
import assert from "node:assert/strict";
import { mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

import { deadlineIn } from "../../../src/base/async/deadline.js";
import { lockedDoor, type SimulatedVm } from "../../../src/simulator/index.js";
import { startImageServer } from "../../support/imageServer.js";
import { isoImage } from "../../support/isoImage.js";
import {
  failureOf,
  mebibyte,
  type MediaLink,
  mediaLinksOfThisFile,
  succeeded,
  timeoutMs,
} from "../../support/mediaLink.js";
import { until } from "../../support/patience.js";
import { removeFolder } from "../../support/temporaryFolder.js";

const { open, images, put, held } = mediaLinksOfThisFile();

const drive = (vm: SimulatedVm): SimulatedVm["devices"][number] =>
  vm.devices.find(({ type }) => type === "VirtualCdrom")!;

test("an image by its URL is stored, inserted and connected; ejected, its file is gone", async () => {
  const served = await open();
  await served.machine("vm-01").power("on");
  const url = put("debian.iso");
  assert.deepEqual(await served.insert(url), succeeded);
  const [file = ""] = served.files();
  assert.match(file, /^vbmc-media\/debian-[0-9a-f]{12}\.iso$/);
  assert.equal(drive(served.vm("vm-01")).backing?.fields["fileName"], `[datastore1] ${file}`);
  assert.deepEqual(await served.cd(), {
    id: "cd",
    isInserted: true,
    image: url,
    imageName: "debian.iso",
    isConnected: true,
    verifiesCertificate: true,
    progress: { stage: "idle" },
  });
  assert.deepEqual(await served.eject(), succeeded);
  assert.equal(drive(served.vm("vm-01")).connectable?.connected, false);
  const { image, isInserted } = await served.cd();
  assert.deepEqual([served.files(), image, isInserted], [[], undefined, false]);
});

test("where the cookie is refused for files, a ticket is taken", async () => {
  const served = await open();
  served.simulator.behaviour.folderTakesCookie = false;
  assert.deepEqual(await served.insert(put("a.iso")), succeeded);
  assert.equal(served.calls("AcquireGenericServiceTicket"), 1);
});

test("an ESXi host without vCenter takes it too", async () => {
  const served = await open({ simulator: { esxi: true } });
  assert.deepEqual(await served.insert(put("a.iso")), succeeded);
});

test("50 VMs that want one image at the same time get one upload and one file, which goes with the last of them", async () => {
  const served = await open({ simulator: { vms: 50 } });
  const url = put("same.iso", isoImage("SAME", 3 * mebibyte));
  const names = [...served.simulator.inventory.vms.values()].map(({ name }) => name);
  const results = await Promise.all(names.map((name) => served.insert(url, {}, name)));
  assert.ok(results.every(({ ok }) => ok));
  assert.deepEqual([served.calls("PUT /folder"), served.files().length], [1, 1]);
  for (const [index, name] of names.entries()) {
    assert.equal(served.files().length, 1, `before ${index}`);
    assert.ok((await served.eject(name)).ok);
  }
  assert.equal(served.files().length, 0);
});

test("the same bytes under other URLs are stored once; the same URL once more is not even uploaded", async () => {
  const served = await open({ simulator: { vms: 3 } });
  const bytes = isoImage("SAME");
  await served.insert(put("one.iso", bytes), {}, "vm-01");
  await served.insert(put("two.iso", bytes), {}, "vm-02");
  await served.insert(`${images().url}/one.iso`, {}, "vm-03");
  assert.deepEqual([served.calls("PUT /folder"), served.files().length], [2, 1]);
  assert.equal((await served.cd("vm-02")).image, `${images().url}/two.iso`);
  await served.eject("vm-01");
  await served.eject("vm-03");
  assert.equal(served.files().length, 1);
  await served.eject("vm-02");
  assert.equal(served.files().length, 0);
});

test("an image that has changed at its server is stored again", async () => {
  const served = await open();
  await served.insert(put("x.iso", isoImage("OLD")), {}, "vm-01");
  await served.insert(put("x.iso", isoImage("NEW", 10)), {}, "vm-02");
  assert.equal(served.files().length, 2);
});

test("asked for again, the same image is success and nothing is done; another one is refused, by name", async () => {
  const served = await open();
  const url = put("a.iso");
  await served.insert(url);
  const before = served.calls("ReconfigVM_Task");
  assert.deepEqual(await served.insert(url), succeeded);
  assert.equal(served.calls("ReconfigVM_Task"), before);
  assert.match(
    failureOf(await served.insert(put("b.iso"))),
    /^invalidState: .*a-.*\.iso is in the drive already: eject/,
  );
});

test("a file in a datastore is inserted as it is, and stays when it is ejected", async () => {
  const served = await open();
  const { datastore } = served.simulator.inventory.datastores[0]!;
  datastore.put("iso/own.iso", isoImage("OWN"));
  assert.deepEqual(await served.insert("[datastore1] iso/own.iso"), succeeded);
  assert.equal((await served.cd()).image, "[datastore1] iso/own.iso");
  await served.eject();
  assert.deepEqual(served.files(), ["iso/own.iso"]);
  assert.match(failureOf(await served.insert("[datastore1] iso/no.iso")), /^badImage: there is no file/);
  assert.match(failureOf(await served.insert("[elsewhere] x.iso")), /^badImage: .*no datastore elsewhere/);
  assert.equal(served.calls("PUT /folder"), 0);
});

test("a local file is uploaded from allowed folders only, wherever symbolic links lead", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "vbmc-images-"));
  const outside = await mkdtemp(path.join(tmpdir(), "vbmc-outside-"));
  try {
    await writeFile(path.join(folder, "local.iso"), isoImage("LOCAL"));
    await writeFile(path.join(outside, "secret.iso"), isoImage("SECRET"));
    await symlink(path.join(outside, "secret.iso"), path.join(folder, "link.iso"));
    const served = await open({}, { allowedFolders: [folder] });
    assert.match(failureOf(await served.insert(path.join(folder, "link.iso"))), /^denied: files in .* are not allowed/);
    assert.match(failureOf(await served.insert(path.join(folder, "no.iso"))), /^badImage: there is no file/);
    assert.match(failureOf(await served.insert(path.join(folder, "..", "x.iso"))), /^(denied|badImage): /);
    assert.deepEqual(await served.insert(path.join(folder, "local.iso")), succeeded);
    assert.equal(served.files().length, 1);
  } finally {
    await removeFolder(folder);
    await removeFolder(outside);
  }
});

const page = Buffer.from(`<!DOCTYPE html><html>${" ".repeat(40_000)}</html>`);
const refusals: readonly (readonly [string, (url: string) => string, RegExp])[] = [
  ["an HTML page", () => put("page.iso", page), /^badImage: .*a web page and no ISO image/],
  ["other bytes", () => put("noise.iso", Buffer.alloc(50_000, 7)), /^badImage: .*CD001/],
  ["a short file", () => put("short.iso", Buffer.alloc(10)), /^badImage: .*CD001/],
  ["a missing image", (url) => `${url}/missing.iso`, /^badImage: .*HTTP 404/],
  ["an NFS share", () => "nfs://server/export/x.iso", /^unsupported: .*mount the share/],
  ["no URL", () => "x.iso", /^unsupported: .*no http or https URL/],
  ["too large a file", () => put("large.iso", isoImage("LARGE", 65 * mebibyte)), /^badImage: .*larger than/],
];
for (const [what, imageOf, message] of refusals) {
  test(`${what} is refused, and nothing is left over`, async () => {
    const served = await open();
    assert.match(failureOf(await served.insert(imageOf(images().url))), message);
    const { progress, isInserted } = await served.cd();
    assert.deepEqual([served.files(), isInserted], [[], false]);
    assert.ok(!imageOf(images().url).startsWith("http") || progress.stage === "failed");
  });
}

test("an image server that lies about the length, or breaks off, leaves no file", async () => {
  const served = await open();
  images().handle = (_request, response) => {
    response.writeHead(200, { "Content-Length": 5 * mebibyte });
    response.write(isoImage("X", mebibyte));
    setTimeout(() => response.destroy(), 50);
    return true;
  };
  assert.match(
    failureOf(await served.insert(`${images().url}/x.iso`)),
    /^badImage: the image server .* has broken off/,
  );
  assert.deepEqual([served.files(), served.simulator.sessions.count()], [[], 1]);
});

test("credentials go to the first server only, at most 5 redirects are followed, and a login is asked for in words", async () => {
  const served = await open();
  const other = await startImageServer();
  try {
    other.images.set("/there.iso", isoImage("THERE"));
    images().handle = (request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401).end();
      } else {
        response.writeHead(302, { Location: `${other.url}/there.iso` }).end();
      }
      return true;
    };
    const url = `${images().url}/first.iso`;
    assert.match(failureOf(await served.insert(url)), /^badImage: .*HTTP 401 .*check user name, password/);
    assert.deepEqual(await served.insert(url, { username: "u", password: "p" }), succeeded);
    assert.deepEqual(images().requests.at(-1)?.authorization, `Basic ${Buffer.from("u:p").toString("base64")}`);
    assert.deepEqual(other.requests.at(-1)?.authorization, undefined);
    assert.ok(!JSON.stringify(served.messages).includes('"p"'));
    await served.eject();
    images().handle = (_request, response) => {
      response.writeHead(302, { Location: "/again" }).end();
      return true;
    };
    assert.match(failureOf(await served.insert(url)), /^badImage: .*redirects more than 5 times/);
  } finally {
    await other.close();
  }
});

test("a password in the URL works and is masked where the image is shown", async () => {
  const served = await open();
  const url = put("a.iso").replace("http://", "http://user:secret@");
  assert.deepEqual(await served.insert(url), succeeded);
  assert.match(images().requests[0]?.authorization ?? "", /^Basic /);
  assert.equal((await served.cd()).image, url.replace(":secret@", ":***@"));
});

test("loopback, link-local and unlisted servers are refused, also when another one redirects there", async () => {
  const closed = await open({}, { allowsLoopback: false });
  assert.match(failureOf(await closed.insert(put("a.iso"))), /^denied: 127\.0\.0\.1:\d+ is an address of this host/);
  assert.match(failureOf(await closed.insert("http://[::ffff:127.0.0.1]/a.iso")), /^denied: /);
  assert.match(failureOf(await closed.insert("http://localhost/a.iso")), /^denied: /);
  assert.match(failureOf(await closed.insert("http://169.254.169.254/a.iso")), /^denied: /);
  const listed = await open({}, { allowedUrls: [`${images().url}/iso/`] });
  assert.match(failureOf(await listed.insert(put("a.iso"))), /^denied: .*image_allow/);
  assert.match(failureOf(await listed.insert(`${images().url}/iso/../a.iso`)), /^denied: .*image_allow/);
  images().handle = (request, response) => {
    if (request.url !== "/iso/a.iso") {
      return false;
    }
    response.writeHead(302, { Location: "http://169.254.169.254/a.iso" }).end();
    return true;
  };
  assert.match(failureOf(await listed.insert(`${images().url}/iso/a.iso`)), /^denied: .*169\.254\.169\.254/);
  const anywhere = await open();
  assert.match(
    failureOf(await anywhere.insert(`${images().url}/iso/a.iso`)),
    /^denied: 169\.254\.169\.254 is an address/,
  );
});

test("a self-signed image server is refused with the reason, and taken where the check is off", async () => {
  const secure = await startImageServer({ tls: true });
  try {
    secure.images.set("/a.iso", isoImage("A"));
    const served = await open();
    assert.match(
      failureOf(await served.insert(`${secure.url}/a.iso`)),
      /^badImage: the certificate of .*VerifyCertificate/,
    );
    assert.deepEqual(await served.insert(`${secure.url}/a.iso`, { verifyCertificate: false }), succeeded);
    assert.equal((await served.cd()).verifiesCertificate, false);
  } finally {
    await secure.close();
  }
});

test("privileges are asked for before anything is transferred, and named", async () => {
  const served = await open();
  served.simulator.behaviour.withheldPrivileges = new Set([
    "Datastore.FileManagement",
    "VirtualMachine.Interact.SetCDMedia",
  ]);
  const message = failureOf(await served.insert(put("a.iso")));
  assert.match(message, /^denied: .*SetCDMedia on the VM and Datastore\.FileManagement on the datastore datastore1/);
  assert.deepEqual([images().requests.length, served.calls("PUT /folder")], [0, 0]);
});

test("a full, read-only or inaccessible datastore is said to be that before anything is transferred", async () => {
  const served = await open({ simulator: { datastores: [{ name: "datastore1", capacityBytes: 2 * mebibyte }] } });
  const { datastore } = served.simulator.inventory.datastores[0]!;
  const url = put("big.iso", isoImage("BIG", 3 * mebibyte));
  assert.match(
    failureOf(await served.insert(url)),
    /^invalidState: the datastore datastore1 has 1 MiB to spare .*needs 3/,
  );
  datastore.isReadOnly = true;
  assert.match(failureOf(await served.insert(url)), /^invalidState: .*may only read the datastore/);
  datastore.isAccessible = false;
  assert.match(failureOf(await served.insert(url)), /^invalidState: the datastore datastore1 is inaccessible/);
  assert.equal(served.calls("PUT /folder"), 0);
});

test("the configured datastore is taken, else one of the VM's own", async () => {
  const datastores = [{ name: "datastore1", capacityBytes: 100 * mebibyte }, { name: "large" }];
  const own = await open({ simulator: { datastores } });
  await own.insert(put("a.iso"));
  assert.equal(own.files().length, 1);
  const configured = await open({ simulator: { datastores } }, { datastore: "large" });
  await configured.insert(put("a.iso"));
  assert.equal(configured.simulator.inventory.datastores[1]?.datastore.files.size, 1);
});

test("an upload that breaks off, is answered with 503, or whose file is not there is made again", async () => {
  for (const misbehaviour of [
    { kind: "cut", afterBytes: 100_000 },
    { kind: "status", status: 503 },
    { kind: "lose" },
  ] as const) {
    const served = await open();
    served.simulator.rules.add({ method: "PUT /folder", times: 1, misbehaviour });
    assert.deepEqual(await served.insert(put("a.iso", isoImage("A", mebibyte))), succeeded, misbehaviour.kind);
    assert.deepEqual([served.calls("PUT /folder"), served.files().length], [2, 1]);
  }
});

test("a session that has ended in the middle is opened again, and the image gets there", async () => {
  const served = await open();
  served.simulator.rules.add({ method: "PUT /folder", times: 1, misbehaviour: { kind: "delay", ms: 100 } });
  const inserted = served.insert(put("a.iso"));
  await until("the upload has begun", () => served.calls("PUT /folder") > 0);
  served.simulator.sessions.expireAll();
  assert.deepEqual(await inserted, succeeded);
  assert.deepEqual([served.files().length, served.simulator.sessions.count()], [1, 1]);
});

test("the same image for the same slot joins the transfer; another one is refused meanwhile; progress is reported", async () => {
  const served = await open();
  const image = held();
  const first = served.insert(image.url);
  await served.untilUploading();
  const { progress } = await served.cd();
  assert.equal(progress.stage === "uploading" && progress.totalBytes, isoImage("HELD", mebibyte).length);
  const second = served.insert(image.url);
  assert.match(
    failureOf(await served.insert(`${images().url}/other.iso`)),
    /^invalidState: another image is on its way \(held\.iso\)/,
  );
  image.goOn();
  assert.deepEqual(await Promise.all([first, second]), [succeeded, succeeded]);
  assert.equal(images().requests.length, 1);
});

test("a client that does not wait for the end learns that it is under way, and of a failure later as an event", async () => {
  const served = await open();
  const image = held();
  const machine = served.machine("vm-01");
  const insertion = { slot: "cd", image: image.url, username: null, password: null, verifyCertificate: null } as const;
  await machine.insertMedia(insertion, { timeoutMs: 600 });
  const stages = ["checking", "uploading"];
  assert.ok(stages.includes((await machine.media())[0]!.progress.stage));
  await image.asked;
  images().handle = (_request, response) => {
    response.writeHead(500).end();
    return true;
  };
  image.breakOff();
  const event = await served.until(({ type }) => type === "machineEvent");
  assert.match(JSON.stringify(event), /"operation":"insertMedia","reason":"the image server [^"]* has broken off/);
  const { progress } = (await machine.media())[0]!;
  assert.match(progress.stage === "failed" ? progress.reason : "", /has broken off/);
  await machine.ejectMedia("cd");
  assert.deepEqual((await machine.media())[0]!.progress, { stage: "idle" });
});

test("an eject calls the insertion off: no file stays, and the drive is empty", async () => {
  const served = await open();
  const image = held();
  const inserted = served.insert(image.url);
  await served.untilUploading();
  assert.deepEqual(await served.eject(), succeeded);
  assert.match(failureOf(await inserted), /^invalidState: the insertion was called off/);
  const again = served.machine("vm-01");
  const nobody = { username: null, password: null, verifyCertificate: null };
  await again.insertMedia({ slot: "cd", image: held().url, ...nobody }, { timeoutMs: 400 });
  await again.ejectMedia("cd");
  assert.ok(served.messages.every(({ type }) => type !== "machineEvent"));
  const { isInserted, progress } = await served.cd();
  assert.deepEqual([served.files(), isInserted, progress], [[], false, { stage: "idle" }]);
});

test("an eject of one VM leaves the transfer to the others that wait for it", async () => {
  const served = await open();
  const image = held();
  const first = served.insert(image.url, {}, "vm-01");
  await served.untilUploading();
  const second = served.insert(image.url, {}, "vm-02");
  await until("it joins", async () => (await served.cd("vm-02")).progress.stage === "uploading");
  await served.eject("vm-01");
  assert.match(failureOf(await first), /called off/);
  image.goOn();
  assert.deepEqual(await second, succeeded);
  assert.deepEqual([served.files().length, (await served.cd("vm-01")).isInserted], [1, false]);
});

test("a start waits for the image, and boots it; a power off does not wait", async () => {
  const served = await open();
  const vm = served.vm("vm-01");
  vm.hasSystemOnDisk = false;
  const image = held();
  const inserted = served.insert(image.url);
  await served.untilUploading();
  const started = served.link.operate("vm-01", { name: "power", power: "on" }, deadlineIn(timeoutMs));
  await served.machine("vm-01").bootOverride();
  assert.equal(served.calls("PowerOnVM_Task"), 0);
  image.goOn();
  assert.ok((await inserted).ok && (await started).ok);
  assert.equal(vm.bootedFrom?.volumeId, "HELD");
});

test("a power off takes the place of a start that waits for an image", async () => {
  const served = await open();
  await served.machine("vm-01").power("on");
  const image = held();
  const inserted = served.insert(image.url);
  await served.untilUploading();
  const reset = served.link.operate("vm-01", { name: "power", power: "reset" }, deadlineIn(timeoutMs));
  const off = await served.link.operate("vm-01", { name: "power", power: "off" }, deadlineIn(timeoutMs));
  assert.deepEqual(off, succeeded);
  assert.equal(served.vm("vm-01").powerState, "poweredOff");
  image.goOn();
  assert.deepEqual(await inserted, succeeded);
  assert.match(failureOf(await reset), /a power off that came later/);
  assert.equal(served.calls("ResetVM_Task"), 0);
});

test("a VM whose image does not get there is not started, and that is reported", async () => {
  const served = await open();
  images().handle = (_request, response) => {
    setTimeout(() => response.writeHead(200, { "Content-Length": page.length }).end(page), 200);
    return true;
  };
  const inserted = served.insert(`${images().url}/page.iso`);
  await until("it has begun", async () => (await served.cd()).progress.stage === "checking");
  const started = await served.link.operate("vm-01", { name: "power", power: "on" }, deadlineIn(timeoutMs));
  assert.match(failureOf(started), /^invalidState: the VM was not started.*a web page/);
  failureOf(await inserted);
  assert.equal(served.vm("vm-01").powerState, "poweredOff");
});

test("a guest that holds the drive is overruled: the question about the locked door is answered with Yes", async () => {
  for (const yesKey of ["0", "1"] as const) {
    const served = await open();
    await served.machine("vm-01").power("on");
    await served.insert(put("a.iso"));
    served.vm("vm-01").lockedDoor = lockedDoor(yesKey);
    assert.deepEqual(await served.eject(), succeeded);
    assert.deepEqual([served.calls("AnswerVM"), served.files()], [1, []]);
  }
});

test("without the privilege to answer, the eject fails with what to do, and the image stays", async () => {
  const served = await open();
  await served.machine("vm-01").power("on");
  await served.insert(put("a.iso"));
  served.vm("vm-01").lockedDoor = lockedDoor();
  served.simulator.behaviour.questionPatienceMs = 700;
  served.simulator.behaviour.withheldPrivileges = new Set(["VirtualMachine.Interact.AnswerQuestion"]);
  assert.match(failureOf(await served.eject()), /^invalidState: the guest holds the drive .*when the VM is off/);
  const { isInserted, progress } = await served.cd();
  assert.deepEqual([isInserted, progress.stage, served.files().length], [true, "failed", 1]);
});

const withoutCdrom = async (more: object = {}): Promise<MediaLink> => {
  const served = await open({ simulator: { vms: [{ name: "vm-01", ...more }] } });
  const vm = served.vm("vm-01");
  vm.devices = vm.devices.filter(({ type }) => type !== "VirtualCdrom");
  return served;
};

test("a VM without a drive gets one: on SATA while it is on, on IDE where there is no SATA while it is off", async () => {
  const off = await withoutCdrom();
  assert.deepEqual(await off.insert(put("a.iso")), succeeded);
  assert.equal(drive(off.vm("vm-01")).controllerKey, 200);
  const on = await withoutCdrom({ powerState: "poweredOn" });
  assert.deepEqual(await on.insert(put("a.iso")), succeeded);
  const { controllerKey, connectable } = drive(on.vm("vm-01"));
  assert.deepEqual([controllerKey, connectable?.connected], [15_000, true]);
  assert.equal((await on.cd()).isConnected, true);
});

test("where no drive can be added now, that is said before anything is transferred", async () => {
  const served = await withoutCdrom({ powerState: "poweredOn", hardwareVersion: "vmx-09" });
  assert.match(
    failureOf(await served.insert(put("a.iso"))),
    /^invalidState: the VM has no CD drive.*switch the VM off first/,
  );
  assert.equal(images().requests.length, 0);
});

test("a drive that vSphere adds to no VM that is on is refused with what to do, and the stored image goes", async () => {
  const served = await withoutCdrom({ powerState: "poweredOn" });
  served.simulator.rules.add({
    method: "ReconfigVM_Task",
    misbehaviour: { kind: "fault", type: "DeviceHotPlugNotSupported" },
  });
  assert.match(failureOf(await served.insert(put("a.iso"))), /^invalidState: .*switch the VM off first/);
  await until("the file is deleted", () => served.files().length === 0);
});

test("floppies of 1.44 MB go into a floppy drive, others are refused with the reason", async () => {
  const served = await open();
  const floppy = put("boot.img", Buffer.alloc(1_474_560));
  assert.deepEqual(await served.insert(floppy, { slot: "floppy" }), succeeded);
  const [, slot] = await served.slots();
  assert.deepEqual([slot?.id, slot?.isInserted, slot?.image], ["floppy", true, floppy]);
  const large = put("large.img", Buffer.alloc(2_949_120));
  assert.match(
    failureOf(await served.insert(large, { slot: "floppy" }, "vm-02")),
    /^badImage: a floppy image has 1474560/,
  );
});

test("what others do with the drive is seen, and our file goes then", async () => {
  const served = await open();
  await served.insert(put("a.iso"));
  const vm = served.vm("vm-01");
  served.simulator.inventory.datastores[0]?.datastore.put("iso/theirs.iso", isoImage("THEIRS"));
  vm.devices = vm.devices.map((device) =>
    device.type === "VirtualCdrom"
      ? {
          ...device,
          backing: { type: "VirtualCdromIsoBackingInfo", fields: { fileName: "[datastore1] iso/theirs.iso" } },
        }
      : device,
  );
  assert.equal((await served.cd()).image, "[datastore1] iso/theirs.iso");
  await until("one file is left", () => served.files().length <= 1);
  assert.deepEqual(served.files(), ["iso/theirs.iso"]);
});

test("a file of ours that someone has put into another VM stays", async () => {
  const served = await open();
  await served.insert(put("a.iso"));
  const other = served.vm("vm-02");
  other.devices = [...other.devices.filter(({ type }) => type !== "VirtualCdrom"), drive(served.vm("vm-01"))];
  await served.eject("vm-01");
  assert.equal(served.files().length, 1);
});

test("after a restart the image is known as it was given; what was left over is deleted, and nothing else", async () => {
  const first = await open();
  const url = put("kept.iso");
  await first.insert(url, {}, "vm-01");
  const { datastore } = first.simulator.inventory.datastores[0]!;
  datastore.put("vbmc-media/of-another-daemon.iso", isoImage("OTHER"));
  const image = held();
  void first.insert(image.url, {}, "vm-02");
  await until("it is uploaded", async () => (await first.cd("vm-02")).progress.stage === "uploading");
  const hasBegun = (): boolean => first.files().length >= 3 || datastore.freeBytes() !== datastore.capacityBytes;
  await until("the file is there", hasBegun);
  await first.stopLink();
  const second = await open({ after: first });
  assert.equal((await second.cd("vm-01")).image, url);
  await until("two files are left", () => second.files().length <= 2);
  assert.deepEqual(
    second.files().map((file) => file.replace(/-[0-9a-f]{12}/, "")),
    ["vbmc-media/kept.iso", "vbmc-media/of-another-daemon.iso"],
  );
  await second.eject("vm-01");
  assert.deepEqual(second.files(), ["vbmc-media/of-another-daemon.iso"]);
});

test("a VM that is deleted, or switched off, meanwhile ends the transfer truthfully", async () => {
  const served = await open();
  await served.machine("vm-01").power("on");
  const image = held();
  const inserted = served.insert(image.url, {}, "vm-01");
  await served.untilUploading();
  await served.machine("vm-01").power("off");
  image.goOn();
  assert.deepEqual(await inserted, succeeded);
  assert.equal((await served.cd()).isConnected, false);
  const again = held();
  const second = served.insert(again.url, {}, "vm-02");
  await again.asked;
  served.simulator.inventory.removeVm(served.vm("vm-02").id);
  again.goOn();
  assert.match(failureOf(await second), /^notFound: /);
  await until("one file is left", () => served.files().length <= 1);
});
