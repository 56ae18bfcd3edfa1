/** Steps of an image's way that need no server: what it may be, where it may come from, and where drives can be added. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";

import { openMediaLibrary } from "../../src/process/link/mediaLibraryFile.js";
import { insertChanges } from "../../src/vsphere/media/drives.js";
import { type ImagePolicy, requireAllowedUrl } from "../../src/vsphere/media/imagePolicy.js";
import { imageName, parseImage, shownImage } from "../../src/vsphere/media/imageReference.js";
import { createLibrary } from "../../src/vsphere/media/library.js";
import { fieldOf, typeOf } from "../../src/vsphere/soapValue.js";

const policy = (allowedUrls: readonly string[]): ImagePolicy => ({
  allowedUrls,
  allowedFolders: [],
  isAllowedAddress: () => true,
  maxBytes: 1,
  verifiesCertificates: true,
});

test("a URL prefix allows its own server and what is below its path, and nothing that only looks so", () => {
  const allowed = policy(["https://images.example.com/iso"]);
  const isAllowed = (url: string): boolean => {
    try {
      requireAllowedUrl(new URL(url), allowed);
      return true;
    } catch {
      return false;
    }
  };
  for (const url of ["https://images.example.com/iso", "https://images.example.com/iso/a/b.iso"]) {
    assert.ok(isAllowed(url), url);
  }
  for (const url of [
    "https://images.example.com/isolated/a.iso",
    "https://images.example.com.evil.test/iso/a.iso",
    "https://images.example.com:8443/iso/a.iso",
    "http://images.example.com/iso/a.iso",
    "https://images.example.com/iso/../secret.iso",
    "https://images.example.com/iso/%2e%2e/secret.iso",
    "https://images.example.com/iso/..%2fsecret.iso",
    "https://evil.test/https://images.example.com/iso/a.iso",
  ]) {
    assert.ok(!isAllowed(url), url);
  }
});

test("credentials in the URL are taken out of it, and are replaced by those beside it; they are shown nowhere", () => {
  const inside = parseImage("http://us%40er:p%3Aw@host/a.iso?token=1", undefined);
  assert.ok(inside.kind === "url");
  assert.deepEqual(
    [inside.url.href, inside.credentials],
    ["http://host/a.iso?token=1", { username: "us@er", password: "p:w" }],
  );
  const beside = parseImage("http://a:b@host/a.iso", { username: "c", password: "d" });
  assert.deepEqual(beside.kind === "url" && beside.credentials, { username: "c", password: "d" });
  assert.equal(shownImage("http://u:p@host/a.iso"), "http://u:***@host/a.iso");
  assert.equal(shownImage("http://host/a.iso?x=1"), "http://host/a.iso?x=1");
  assert.deepEqual(["[ds] iso/a b.iso", "http://host/x/a%20b.iso?y=/z", "/srv/a.iso"].map(imageName), [
    "a b.iso",
    "a b.iso",
    "a.iso",
  ]);
  assert.throws(() => parseImage(`http://host/${"x".repeat(2_048)}`, undefined), { kind: "unsupported" });
});

const device = (type: string, key: number, more: object = {}): unknown => ({
  attributes: { "xsi:type": `vim25:${type}` },
  key,
  ...more,
});
const host = { isOn: false, hardwareVersion: 19 };

test("a drive is added where there is a place: SATA, IDE, else on a new SATA controller, of which there are four at most", () => {
  const operations = (devices: readonly unknown[], isOn = false): unknown[] =>
    insertChanges("cd", "[ds] a.iso", { ...host, devices, isOn }).map((change) => {
      const added = change["device"];
      return [change["operation"], typeOf(added), fieldOf(added, "controllerKey")];
    });
  const ide = device("VirtualIDEController", 200);
  const disks = [3000, 3001].map((key) => device("VirtualDisk", key, { controllerKey: 200 }));
  const ahci = [0, 1, 2, 3].map((busNumber) => device("VirtualAHCIController", 15_000 + busNumber, { busNumber }));
  const full = ahci.flatMap((_, bus) =>
    Array.from({ length: 30 }, (_each, unit) =>
      device("VirtualDisk", 16_000 + 30 * bus + unit, { controllerKey: 15_000 + bus }),
    ),
  );
  const cdrom = "VirtualCdrom";
  const onNew = [
    ["add", "VirtualAHCIController", undefined],
    ["add", cdrom, -1],
  ];
  assert.deepEqual(operations([ide, ahci[0]]), [["add", cdrom, 15_000]]);
  assert.deepEqual(operations([ide]), [["add", cdrom, 200]]);
  assert.deepEqual(operations([ide], true), onNew);
  assert.deepEqual(operations([ide, ...disks]), onNew);
  assert.throws(() => operations([ide, ...disks, ...ahci, ...full]), {
    kind: "unsupported",
    message: /no place for one/,
  });
  assert.deepEqual(operations([ide, device("VirtualCdrom", 3000)]), [["edit", cdrom, undefined]]);
});

test("daemons on one folder have a library each, which begins with that of the one daemon of before", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "vbmc-library-"));
  try {
    const open = (shard?: string) => createLibrary(openMediaLibrary(folder, (message) => assert.fail(message), shard));
    const image = (name: string) => ({ path: `[ds] vbmc-media/${name}.iso`, dcPath: "DC0", source: name });
    const paths = (shard?: string) =>
      open(shard)
        .content()
        .images.map(({ path: each }) => each);
    await open().begin(image("former"));
    const [first, second] = [open("0-of-2"), open("1-of-2")];
    await first.begin(image("a"));
    await second.begin(image("b"));
    assert.deepEqual(paths("0-of-2"), ["[ds] vbmc-media/former.iso", "[ds] vbmc-media/a.iso"]);
    assert.deepEqual(paths("1-of-2"), ["[ds] vbmc-media/former.iso", "[ds] vbmc-media/b.iso"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the library is kept over restarts, and a damaged one is renamed and reported", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "vbmc-library-"));
  try {
    const troubles: string[] = [];
    const open = (): ReturnType<typeof createLibrary> =>
      createLibrary(openMediaLibrary(folder, (message) => troubles.push(message)));
    const library = open();
    await library.begin({ path: "[ds] vbmc-media/a.iso", dcPath: "DC0", source: "x" });
    await library.complete("[ds] vbmc-media/a.iso", { size: 5, sha256: "y" });
    await library.insert({
      vm: "v",
      slot: "cd",
      image: "http://h/a.iso",
      source: "x",
      path: "p",
      verifiesCertificate: true,
    });
    assert.deepEqual(open().content(), library.content());
    writeFileSync(path.join(folder, "media.json"), '{"images": 5}');
    assert.deepEqual(open().content(), { images: [], insertions: [] });
    assert.match(troubles.join(), /the images listed in it stay on their datastores; the file was renamed/);
    assert.deepEqual(readdirSync(folder), ["media.json.damaged"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
