/** What goes wrong on an image's way into a drive, and who may have which image: truthful, in words, nothing left over. */
import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

import { generate } from "selfsigned";

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

/** Nothing in the drive or the datastore, one session, and the reason is reported. */
async function leftNothing(served: MediaLink): Promise<void> {
  const [cd] = await served.slots();
  const { isInserted, progress } = cd!;
  assert.deepEqual([isInserted, progress.stage, served.files()], [false, "failed", []]);
  assert.equal(served.simulator.sessions.count(), 1);
}

test("an image that takes longer than it may is given up, and the next one goes on", async () => {
  const served = await open({}, { maxTransferMs: 2_500 });
  const image = held();
  assert.match(
    failureOf(await served.insert(image.url)),
    /^badImage: the image was not stored within .*max_transfer_time/,
  );
  await leftNothing(served);
  images().handle = undefined;
  assert.deepEqual(await served.insert(put("next.iso")), succeeded);
});

test("an insertion right after an ejection waits for its end", async () => {
  const served = await open();
  await served.insert(put("old.iso"));
  const ejected = served.eject();
  const inserted = served.insert(put("new.iso"));
  assert.deepEqual([await ejected, await inserted], [succeeded, succeeded]);
  assert.equal((await served.slots())[0]?.imageName, "new.iso");
});

test("a VM that is moved to another host meanwhile gets its image there", async () => {
  const served = await open();
  await served.machine("vm-01").power("on");
  const image = held();
  const inserted = served.insert(image.url);
  await served.untilUploading();
  await served.simulator.move(served.vm("vm-01"));
  image.goOn();
  assert.deepEqual(await inserted, succeeded);
  assert.equal((await served.slots())[0]?.isConnected, true);
});

test("another task of the VM is waited for before the drive is changed", async () => {
  const served = await open();
  served.simulator.rules.add({
    method: "ReconfigVM_Task",
    times: 2,
    misbehaviour: { kind: "fault", type: "TaskInProgress" },
  });
  assert.deepEqual(await served.insert(put("a.iso")), succeeded);
});

test("a datastore that others fill in the middle ends it with words, and keeps no part of it", async () => {
  const served = await open({ simulator: { datastores: [{ name: "datastore1", capacityBytes: 100 * mebibyte }] } });
  const image = held(20 * mebibyte);
  const inserted = served.insert(image.url);
  await served.untilUploading();
  const { datastore } = served.simulator.inventory.datastores[0]!;
  datastore.capacityBytes = 2 * mebibyte;
  image.goOn();
  assert.match(
    failureOf(await inserted),
    /^invalidState: the datastore datastore1 has \d MiB to spare and the image needs 20/,
  );
  await leftNothing(served);
});

test("a datastore that becomes inaccessible in the middle ends it with words", async () => {
  const served = await open();
  const image = held();
  const inserted = served.insert(image.url);
  await served.untilUploading();
  const { datastore } = served.simulator.inventory.datastores[0]!;
  datastore.isAccessible = false;
  served.simulator.rules.add({ method: "PUT /folder", misbehaviour: { kind: "status", status: 404 } });
  image.goOn();
  const failure = failureOf(await inserted);
  assert.match(failure, /datastore1/);
  const [cd] = await served.slots();
  assert.deepEqual([cd?.isInserted, cd?.progress.stage], [false, "failed"]);
});

test("a vCenter that restarts in the middle is logged in to again, and gets the image", async () => {
  const served = await open();
  served.simulator.rules.add({ method: "PUT /folder", times: 1, misbehaviour: { kind: "cut", afterBytes: 50_000 } });
  served.simulator.rules.add({ method: "PUT /folder", times: 1, misbehaviour: { kind: "unavailable" } });
  const inserted = served.insert(put("a.iso", isoImage("A", mebibyte)));
  await until("the upload has begun", () => served.calls("PUT /folder") > 0);
  served.simulator.sessions.expireAll();
  assert.deepEqual(await inserted, succeeded);
  assert.deepEqual([served.files().length, served.simulator.sessions.count()], [1, 1]);
});

test("a drive that vSphere does not change keeps what it has, and the stored image goes", async () => {
  const served = await open();
  served.simulator.rules.add({
    method: "ReconfigVM_Task",
    misbehaviour: { kind: "fault", type: "InvalidDeviceSpec", message: "the device is not changed" },
  });
  failureOf(await served.insert(put("a.iso")));
  await until("the file is deleted", () => served.files().length === 0);
  await leftNothing(served);
});

test("an image server of which the certificate is given is trusted, whatever its name; another one is not", async () => {
  const secure = await startImageServer({ tls: true });
  const other = await generate([{ name: "commonName", value: "another server" }], { keyType: "ec" });
  try {
    secure.images.set("/a.iso", isoImage("A"));
    const served = await open();
    const url = `${secure.url}/a.iso`;
    const refused = /^badImage: the certificate of .* is not trusted/;
    assert.match(failureOf(await served.insert(url)), refused);
    assert.match(failureOf(await served.insert(url, { trustedCertificates: [other.cert] })), refused);
    assert.deepEqual(
      await served.insert(url, { trustedCertificates: [other.cert, secure.certificate ?? ""] }),
      succeeded,
    );
  } finally {
    await secure.close();
  }
});

test("the user that runs the daemon may insert any file of its host", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "vbmc-images-"));
  try {
    const file = path.join(folder, "own.iso");
    await writeFile(file, isoImage("OWN"));
    const served = await open();
    assert.match(failureOf(await served.insert(file)), /^denied: files in .* are not allowed/);
    assert.deepEqual(await served.insert(file, { isOperators: true }), succeeded);
    assert.match(failureOf(await served.insert(file, {}, "vm-02")), /^denied: /, "what others have is not a way round");
  } finally {
    await removeFolder(folder);
  }
});

test("each floppy has a file of its own: its guest can write to it", async () => {
  const served = await open();
  const url = put("boot.img", Buffer.alloc(1_474_560));
  for (const name of ["vm-01", "vm-02"]) {
    assert.deepEqual(await served.insert(url, { slot: "floppy" }, name), succeeded);
  }
  assert.equal(served.files().length, 2);
});

test("what is in the drives, and how far an image is, is pushed", async () => {
  const served = await open();
  await served.insert(put("a.iso"));
  const states = served.messages.flatMap((message) =>
    message.type === "mediaReport"
      ? message.slots.slice(0, 1).map(({ isInserted, progress }) => ({ isInserted, stage: progress.stage }))
      : [],
  );
  assert.deepEqual(states.at(-1), { isInserted: true, stage: "idle" });
  assert.ok(states.some(({ stage }) => stage === "attaching"));
  const before = served.messages.length;
  // Behind the link's back, as in the vSphere client.
  const vm = served.vm("vm-01");
  vm.devices = vm.devices.map((device) =>
    device.type === "VirtualCdrom"
      ? { ...device, backing: { type: "VirtualCdromRemotePassthroughBackingInfo", fields: { deviceName: "" } } }
      : device,
  );
  vm.changeVersion++;
  served.simulator.inventory.changed(vm);
  await served.until((message) => message.type === "mediaReport" && message.slots[0]?.isInserted === false, before);
});

test("a check names the privileges that virtual media lack, and the datastore that images go to", async () => {
  const served = await open();
  const step = async (): Promise<unknown> => {
    const answer = await served.link.ask({ name: "diagnose", machines: [{ vmName: "vm-01" }] }, timeoutMs);
    assert.ok("diagnoses" in answer);
    const { status, detail } = answer.diagnoses[0]?.steps.find((each) => each.step === "media") ?? {};
    return `${status ?? "none"}: ${detail ?? ""}`;
  };
  assert.equal(await step(), "ok: images are stored on datastore1");
  served.simulator.behaviour.withheldPrivileges = new Set([
    "Datastore.AllocateSpace",
    "VirtualMachine.Interact.SetCDMedia",
  ]);
  assert.match(
    String(await step()),
    /^warning: .*SetCDMedia on the VM and Datastore\.AllocateSpace on the datastore datastore1$/,
  );
  served.simulator.behaviour.withheldPrivileges = new Set();
  served.simulator.inventory.datastores[0]!.datastore.isAccessible = false;
  assert.match(String(await step()), /^warning: .*the datastore datastore1 is inaccessible/);
});
