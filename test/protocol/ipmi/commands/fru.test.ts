import assert from "node:assert/strict";
import { test } from "node:test";

import { createInMemoryStorage, StorageError } from "../../../../src/model/bmc/state/storage.js";
import { type Console, openConsole } from "../../../support/administrator.js";
import { createTestBmc, type TestBmc } from "../../../support/testBmc.js";

const storage = 0x0a;
const areaInfo = 0x10;
const read = 0x11;
const write = 0x12;

/** A type/length byte and Latin 1, written from chapter 13 of the FRU specification. */
const field = (text: string): number[] => [0xc0 | text.length, ...Buffer.from(text, "latin1")];

/** An area of chapters 10 to 12: padded to 8 bytes, with a zero checksum. */
function area(head: readonly number[], fields: readonly string[]): number[] {
  const bytes = [1, 0, ...head, ...fields.flatMap(field), 0xc1];
  while ((bytes.length + 1) % 8 !== 0) {
    bytes.push(0);
  }
  bytes[1] = (bytes.length + 1) / 8;
  return [...bytes, -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff];
}

const serial = "VMware-42 24 e8 b5 1e 2d 3c 4b-5a 69 78 87 96 a5 b4 c3";
const uuid = "4224e8b5-1e2d-3c4b-5a69-788796a5b4c3";

/** What the inventory of the test's VM must be. */
function inventory(assetTag: string, name = "vm-01"): number[] {
  const chassis = area([1], ["vmx-19", serial, "Host: esx1.lab"]);
  const board = area([0, 0, 0, 0], ["VMware, Inc.", "VMware Virtual Platform", uuid, "vmx-19", ""]);
  const product = area(
    [0],
    [
      "VMware, Inc.",
      name,
      "VMware Virtual Platform",
      "vmx-19",
      serial,
      assetTag,
      "",
      "Guest OS: VMware ESXi 7.0 or later",
    ],
  );
  const [at1, at2, at3] = [1, 1 + chassis.length / 8, 1 + (chassis.length + board.length) / 8];
  const header = [1, 0, at1, at2, at3, 0, 0];
  return [...header, -header.reduce((sum, byte) => sum + byte, 0) & 0xff, ...chassis, ...board, ...product];
}

function createFruBmc(disk = createInMemoryStorage()): TestBmc {
  const bmc = createTestBmc({ storage: disk });
  bmc.machine.name = "vm-01";
  bmc.machine.guestFullName = "VMware ESXi 7.0 or later";
  bmc.machine.known = { hardwareVersion: "vmx-19" };
  bmc.machine.live = { hostName: "esx1.lab" };
  return bmc;
}

async function readAll(console: Console, piece = 16): Promise<number[]> {
  const [low = 0, high = 0, access] = await console.data(storage, areaInfo, [0]);
  assert.equal(access, 0, "by bytes");
  const size = low | (high << 8);
  const bytes: number[] = [];
  while (bytes.length < size) {
    const data = await console.data(storage, read, [0, bytes.length & 0xff, bytes.length >> 8, piece]);
    assert.equal(data[0], data.length - 1);
    bytes.push(...data.slice(1));
  }
  return bytes;
}

async function writeAll(console: Console, bytes: readonly number[], piece = 16): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += piece) {
    const part = bytes.slice(offset, offset + piece);
    assert.deepEqual(await console.data(storage, write, [0, offset & 0xff, offset >> 8, ...part]), [part.length]);
  }
}

for (const piece of [8, 16, 200]) {
  test(`the FRU inventory is the VM's, read in pieces of ${piece} bytes (§34.1-2)`, async () => {
    const expected = inventory("");
    const bytes = await readAll(await openConsole(createFruBmc()), piece);
    assert.deepEqual(bytes.slice(0, expected.length), expected);
    assert.ok(bytes.slice(expected.length).every((byte) => byte === 0));
  });
}

test("what is unknown is left out", async () => {
  const bmc = createFruBmc();
  bmc.machine.live = undefined;
  bmc.machine.guestFullName = undefined;
  bmc.machine.known = {};
  const text = Buffer.from(await readAll(await openConsole(bmc))).toString("latin1");
  assert.doesNotMatch(text, /Host|Guest|vmx/);
  assert.match(text, /vm-01/);
});

test("an asset tag that is written piece by piece is kept, over a restart too (§34.3)", async () => {
  const disk = createInMemoryStorage();
  const console = await openConsole(createFruBmc(disk));
  await writeAll(console, inventory("rack 7, slot 3"));
  assert.deepEqual((await readAll(console)).slice(0, inventory("rack 7, slot 3").length), inventory("rack 7, slot 3"));
  const again = await openConsole(createFruBmc(disk));
  assert.deepEqual((await readAll(again)).slice(0, 32), inventory("rack 7, slot 3").slice(0, 32));
  assert.equal(createFruBmc(disk).bmc.asset.tag().toString(), "rack 7, slot 3");
});

test("of an inventory that is written everything else stays the VM's", async () => {
  const console = await openConsole(createFruBmc());
  await writeAll(console, inventory("tag", "stolen"));
  assert.deepEqual((await readAll(console)).slice(0, inventory("tag").length), inventory("tag"));
});

test("an inventory with a wrong checksum changes nothing", async () => {
  const bmc = createFruBmc();
  const console = await openConsole(bmc);
  const bytes = inventory("tag");
  await writeAll(console, [...bytes.slice(0, -1), bytes.at(-1)! ^ 1]);
  assert.equal(bmc.bmc.asset.tag().length, 0);
});

test("a one-letter asset tag is not the end of the fields (FRU 1.0 chapter 13)", async () => {
  const bmc = createFruBmc();
  await bmc.bmc.asset.setTag(Buffer.from("A"));
  assert.deepEqual((await readAll(await openConsole(bmc))).slice(0, inventory("A ").length), inventory("A "));
});

test("a name that Latin 1 cannot hold is shown as far as it can, a long one cut at 63 bytes", async () => {
  const bmc = createFruBmc();
  bmc.machine.name = `schön日本${"x".repeat(80)}`;
  const expected = inventory("", `schön??${"x".repeat(56)}`);
  assert.deepEqual((await readAll(await openConsole(bmc))).slice(0, expected.length), expected);
});

/** [command, data, completion code] */
const refusals: readonly (readonly [string, number, readonly number[], number])[] = [
  ["Get FRU Inventory Area Info of another device", areaInfo, [1], 0xcb],
  ["Read FRU Data of another device", read, [1, 0, 0, 8], 0xcb],
  ["Read FRU Data behind the end", read, [0, 0x00, 0x04, 1], 0xc9],
  ["Write FRU Data behind the end", write, [0, 0xff, 0x03, 1, 2], 0xc9],
  ["Write FRU Data to another device", write, [1, 0, 0, 1], 0xcb],
  ["Read FRU Data without a count", read, [0, 0, 0], 0xc7],
];

for (const [name, command, data, code] of refusals) {
  test(`${name} is answered with ${code.toString(16)}h`, async () => {
    assert.equal(await (await openConsole(createFruBmc())).code(storage, command, data), code);
  });
}

test("an asset tag that a full disk does not take is answered with C4h", async () => {
  const disk = createInMemoryStorage();
  const full = { ...disk, write: () => Promise.reject(new StorageError("full", "no space left on device")) };
  const console = await openConsole(createFruBmc(full));
  const bytes = inventory("tag");
  const last = bytes.length - 1;
  await writeAll(console, bytes.slice(0, last));
  assert.equal(await console.code(storage, write, [0, last & 0xff, last >> 8, bytes[last]!]), 0xc4);
});
