/** What a vCenter link keeps: it is read again, and a folder that takes nothing is no outage. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import * as fc from "fast-check";

import type { LinkConfiguration } from "../../../src/process/ipc/configuration.js";
import { openBootMemory } from "../../../src/process/link/bootMemoryFile.js";
import { createCertificateMemory } from "../../../src/process/link/certificateMemory.js";
import type { BootNote, PendingBoot } from "../../../src/vsphere/nextBoot.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const root = temporaryFolder();
let count = 0;

function newFolder(): string {
  const folder = path.join(root, String(count++));
  mkdirSync(folder);
  return folder;
}

const noTrouble = (message: string): void => assert.fail(message);
const pending: PendingBoot = {
  device: "pxe",
  former: [{ device: "disk", deviceKey: 2_000 }],
  wasOn: true,
  bootTime: null,
  tasks: [],
};

const device = fc.constantFrom("pxe", "disk", "cdrom", "floppy" as const);
const hostileNumber = fc.oneof(
  fc.constantFrom(0, -1, 0.5, NaN, Infinity, 2 ** 31, -(2 ** 31)),
  fc.double(),
  fc.integer(),
);
const hostileText = fc.oneof(fc.constantFrom("", "\ud800", "x".repeat(1_000)), fc.string({ unit: "binary" }));
const anyNote: fc.Arbitrary<BootNote> = fc.record(
  {
    pending: fc.record(
      {
        device,
        former: fc.array(fc.record({ device, deviceKey: hostileNumber }, { requiredKeys: ["device"] })),
        wasOn: fc.boolean(),
        bootTime: fc.option(hostileText),
        tasks: fc.array(hostileText, { maxLength: 3 }),
        startedAt: hostileNumber,
      },
      { requiredKeys: ["device", "former", "wasOn", "bootTime", "tasks"] },
    ),
    delayed: fc.record({ override: fc.option(fc.record({ device, persistent: fc.boolean() })) }),
  },
  { requiredKeys: [] },
);

/** JSON knows neither -0 nor fields that are undefined. */
function asJson(note: BootNote): BootNote {
  return JSON.parse(JSON.stringify(note)) as BootNote;
}

test("a boot note made of hostile values is read again as it was, or told not to be kept", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyNote, { minLength: 1, maxLength: 5 }), async (notes) => {
      const folder = newFolder();
      const troubles: string[] = [];
      const memory = openBootMemory(folder, "vm", (message) => troubles.push(message));
      let lastKept: BootNote = {};
      for (const note of notes) {
        await memory.write(note);
        assert.deepEqual(memory.read(), note);
        if (troubles.length > 0) {
          break;
        }
        lastKept = asJson(note);
      }
      assert.deepEqual(openBootMemory(folder, "vm", noTrouble).read(), lastKept);
    }),
    { numRuns: 50 },
  );
});

test("a boot note that is not ours, and one that is a pipe, is set aside", () => {
  const contents = [
    "",
    "null",
    "[]",
    '{"vm":"vm","note":{"pending":{"device":"pxe","former":[null],"wasOn":true,"bootTime":null,"tasks":[]}}}',
    undefined,
  ];
  for (const content of contents) {
    const folder = newFolder();
    const file = path.join(folder, "boot-order.json");
    if (content === undefined) {
      execFileSync("mkfifo", [file]);
    } else {
      writeFileSync(file, content);
    }
    const troubles: string[] = [];
    assert.deepEqual(openBootMemory(folder, "vm", (message) => troubles.push(message)).read(), {});
    assert.match(
      troubles.join("\n"),
      /^\S+boot-order\.json: .*: the boot order to restore is lost; the file was renamed$/,
    );
    assert.deepEqual(readdirSync(folder), ["boot-order.json.damaged"]);
  }
});

test("where nothing can be written a boot note is remembered all the same", async () => {
  const troubles: string[] = [];
  const memory = openBootMemory(path.join(root, "nowhere"), "vm", (message) => troubles.push(message));
  await memory.write({ pending });
  assert.deepEqual(memory.read(), { pending });
  assert.match(
    troubles.join("\n"),
    /no such file or folder: the boot order to restore is kept in memory until vbmcd ends$/,
  );
  await memory.write({});
  assert.equal(troubles.length, 1, "there is nothing to remove");
});

function linkTo(tls: LinkConfiguration["tls"]): LinkConfiguration {
  return { viserver: "vc.example.org", username: "u", password: "p", tls, nextBoot: "once" };
}

test("a certificate that cannot be kept holds until the process ends, and is reported once", async () => {
  writeFileSync(path.join(root, "file"), "");
  const trustFile = path.join(root, "file", ".links", "certificate");
  const troubles: string[] = [];
  const certificates = createCertificateMemory(linkTo({ trustFile }), (message) => troubles.push(message));
  assert.equal(await certificates.recall(), undefined);
  await certificates.remember("AA:BB");
  await certificates.remember("AA:BB");
  assert.equal(await certificates.recall(), "AA:BB");
  assert.equal(troubles.length, 1);
  assert.match(
    troubles.join(),
    /a part of its path is not a folder: the certificate of vc\.example\.org is remembered until/,
  );
});

test("where the configuration decides whom to trust nothing is written or read", async () => {
  const trustFile = path.join(root, "decided", "certificate");
  for (const tls of [{ insecure: true }, { thumbprint: "aa" }, { caFile: "/ca.pem" }]) {
    const certificates = createCertificateMemory(linkTo({ ...tls, trustFile }), noTrouble);
    await certificates.remember("AA:BB");
    assert.equal(await certificates.recall(), undefined);
    assert.equal(existsSync(path.dirname(trustFile)), false);
  }
});

test("a certificate file that cannot be read is no reason to trust anyone", async () => {
  const trustFile = path.join(newFolder(), "certificate");
  execFileSync("mkfifo", [trustFile]);
  const certificates = createCertificateMemory(linkTo({ trustFile }), noTrouble);
  await assert.rejects(certificates.recall(), {
    message: /cannot read .*: it is a pipe, not a file: accept the current one with vbmc trust NAME$/,
  });
  rmSync(trustFile);
  writeFileSync(trustFile, "AA:BB:\n");
  await assert.rejects(certificates.recall(), {
    message: /certificate should contain the fingerprint .* vbmc trust NAME$/,
  });
});
