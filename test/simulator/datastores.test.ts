/** Files of the simulator's datastores, as strict as the servers that they stand for. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, afterEach, before, test } from "node:test";

import { type Simulator, startSimulator } from "../../src/simulator/index.js";
import { isoImage } from "../support/isoImage.js";
import { until } from "../support/patience.js";
import { openSoapCalls, send, type SoapCalls } from "../support/soapCalls.js";

const account = { username: "user", password: "pass" };
const mebibyte = 1024 * 1024;
const manager = ["FileManager", "FileManager"] as const;
const datacenter = '<datacenter type="Datacenter">datacenter-2</datacenter>';
let simulator: Simulator;
let calls: SoapCalls;

before(async () => {
  const datastores = [{ name: "datastore1", capacityBytes: 8 * mebibyte }, { name: "fast" }];
  simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms: 1, tls: true, datastores, ...account });
  simulator.behaviour.taskDurationMs = 5;
  calls = await openSoapCalls(simulator.url, account);
});
after(() => simulator.close());
afterEach(() => {
  simulator.rules.clear();
  Object.assign(simulator.behaviour, {
    folderTakesCookie: true,
    uploadBytesPerSecond: Infinity,
    withheldPrivileges: new Set(),
  });
  Object.assign(datastore(), { isAccessible: true, isReadOnly: false });
  [...datastore().files.keys()].forEach(datastore().remove);
});

const datastore = (): Simulator["inventory"]["datastores"][number]["datastore"] =>
  simulator.inventory.datastores[0]!.datastore;

function urlOf(path: string, query = "dcPath=DC0&dsName=datastore1"): string {
  return `${new URL(simulator.url).origin}/folder/${path}?${query}`;
}

const put = async (path: string, body: Buffer, headers = { Cookie: calls.cookie }): Promise<number> =>
  (await send(urlOf(path), "PUT", headers, body)).status;

async function ticketFor(method: string, url: string): Promise<Record<string, string>> {
  const spec = `<spec xsi:type="SessionManagerHttpServiceRequestSpec"><method>${method}</method><url>${url.replaceAll("&", "&amp;")}</url></spec>`;
  const { body } = await calls.call("AcquireGenericServiceTicket", ["SessionManager", "SessionManager"], spec);
  return { Cookie: `vmware_cgi_ticket=${/<id[^>]*>([^<]+)</.exec(body)?.[1] ?? ""}` };
}

async function freeSpace(): Promise<number> {
  const { body } = await calls.call("Fetch", ["Datastore", "datastore-10"], "<prop>summary.freeSpace</prop>");
  return Number(/<returnval[^>]*>(\d+)</.exec(body)?.[1]);
}

test("a file that is put there takes its space, can be read while it is small, and is gone when deleted", async () => {
  const image = isoImage("SMALL");
  const before = await freeSpace();
  assert.equal(await put("small.iso", image), 201);
  assert.equal(await put("small.iso", image), 200);
  assert.equal(before - (await freeSpace()), image.length);
  const got = await send(urlOf("small.iso"), "GET", { Cookie: calls.cookie });
  assert.deepEqual([got.status, got.body.slice(0x8001, 0x8006)], [200, "CD001"]);
  assert.equal(simulator.inventory.fileAt("[datastore1] small.iso")?.sha256, sha256(image));
  assert.equal((await send(urlOf("small.iso"), "DELETE", { Cookie: calls.cookie })).status, 204);
  assert.equal((await send(urlOf("small.iso"), "HEAD", { Cookie: calls.cookie })).status, 404);
  assert.equal(await freeSpace(), before);
});

test("of a large file only the beginning is kept, with the size and the hash of all of it", async () => {
  const image = isoImage("LARGE", Buffer.alloc(3 * mebibyte, "x"));
  assert.equal(await put("large.iso", image), 201);
  const file = simulator.inventory.fileAt("[datastore1] large.iso");
  assert.deepEqual([file?.size, file?.sha256, file?.head.length], [image.length, sha256(image), 64 * 1024]);
});

test("without a session, datacenter or datastore, and in a folder that is not there, nothing is taken", async () => {
  const image = isoImage("X");
  const cookie = { Cookie: calls.cookie };
  const status = async (query: string): Promise<number> =>
    (await send(urlOf("x.iso", query), "PUT", cookie, image)).status;
  assert.equal(await put("x.iso", image, { Cookie: "" }), 401);
  assert.deepEqual(
    await Promise.all(
      ["dsName=datastore1", "dcPath=DC0", "dcPath=DC1&dsName=datastore1", "dcPath=DC0&dsName=x"].map(status),
    ),
    [404, 404, 404, 404],
  );
  assert.equal(await put("absent/x.iso", image), 404);
  assert.equal(datastore().files.size, 0);
});

test("where the cookie is refused, a ticket is good for one request of its method and URL", async () => {
  const image = isoImage("X");
  simulator.behaviour.folderTakesCookie = false;
  assert.equal(await put("x.iso", image), 404);
  const ticket = await ticketFor("httpPut", urlOf("x.iso"));
  assert.equal(await put("x.iso", image, ticket as { Cookie: string }), 201);
  assert.equal(await put("x.iso", image, ticket as { Cookie: string }), 401);
  const forReading = await ticketFor("httpGet", urlOf("x.iso"));
  assert.equal(await put("x.iso", image, forReading as { Cookie: string }), 401);
  const forAnother = await ticketFor("httpPut", urlOf("y.iso"));
  assert.equal(await put("x.iso", image, forAnother as { Cookie: string }), 401);
});

test("a full datastore, a read-only one and a missing privilege end the connection without a reason", async () => {
  assert.equal(await put("big.iso", Buffer.alloc(9 * mebibyte)), 0);
  assert.equal(simulator.inventory.fileAt("[datastore1] big.iso")?.isPartial, true);
  datastore().remove("big.iso");
  datastore().isReadOnly = true;
  assert.equal(await put("x.iso", Buffer.alloc(mebibyte)), 0);
  datastore().isReadOnly = false;
  simulator.behaviour.withheldPrivileges = new Set(["Datastore.FileManagement"]);
  assert.equal(await put("x.iso", Buffer.alloc(mebibyte)), 0);
  assert.equal(datastore().files.size, 0);
});

test("a second upload at the same time is 503", async () => {
  simulator.behaviour.uploadBytesPerSecond = 4 * mebibyte;
  const first = put("a.iso", Buffer.alloc(mebibyte));
  const isUnderWay = async (): Promise<boolean> =>
    simulator.calls.get("PUT /folder") !== undefined && (await freeSpace()) !== 8 * mebibyte;
  await until("it is under way", isUnderWay);
  assert.equal(await put("b.iso", Buffer.alloc(1_000)), 503);
  assert.equal(await first, 201);
});

test("rules cut uploads off, answer them with a status, or lose the file", async () => {
  const rule = (misbehaviour: Parameters<Simulator["rules"]["add"]>[0]["misbehaviour"]): void =>
    simulator.rules.add({ method: "PUT /folder", times: 1, misbehaviour });
  rule({ kind: "cut", afterBytes: 100_000 });
  assert.equal(await put("cut.iso", Buffer.alloc(mebibyte)), 0);
  rule({ kind: "status", status: 502 });
  assert.equal(await put("bad.iso", Buffer.alloc(1_000)), 502);
  rule({ kind: "lose" });
  assert.equal(await put("lost.iso", Buffer.alloc(1_000)), 201);
  assert.deepEqual([...datastore().files.keys()], ["cut.iso"]);
});

test("folders are made, searched and deleted with the faults of the API", async () => {
  const make = async (name: string, withParents = ""): Promise<string> =>
    (await calls.call("MakeDirectory", manager, `<name>${name}</name>${datacenter}${withParents}`)).body;
  const search = (path: string): Promise<string> =>
    calls.task(
      "SearchDatastore_Task",
      ["HostDatastoreBrowser", "datastoreBrowser-datastore-10"],
      `<datastorePath>${path}</datastorePath><searchSpec><matchPattern>*.iso</matchPattern></searchSpec>`,
    );
  assert.match(await make("[datastore1] a/b"), /FileNotFound/);
  assert.doesNotMatch(
    await make("[datastore1] a/b", "<createParentDirectories>true</createParentDirectories>"),
    /Fault/,
  );
  assert.match(await make("[datastore1] a/b"), /FileAlreadyExists/);
  assert.match(await make("a/b"), /InvalidDatastorePath/);
  assert.match(await make("[nowhere] a"), /InvalidDatastore/);
  assert.match((await calls.call("MakeDirectory", manager, "<name>[datastore1] c</name>")).body, /InvalidArgument/);
  await put("a/b/x.iso", isoImage("X"));
  await put("a/b/notes.txt", Buffer.from("x"));
  const found = await search("[datastore1] a/b");
  assert.deepEqual(
    [...found.matchAll(/<path[^>]*>([^<]+)</g)].map((match) => match[1]),
    ["x.iso"],
  );
  assert.match(await search("[datastore1] nothing"), /FileNotFound/);
  const remove = (name: string): Promise<string> =>
    calls.task("DeleteDatastoreFile_Task", manager, `<name>${name}</name>${datacenter}`);
  assert.match(await remove("[datastore1] a/b/x.iso"), />success</);
  assert.match(await remove("[datastore1] a/b/x.iso"), /FileNotFound/);
  simulator.behaviour.withheldPrivileges = new Set(["Datastore.Browse", "Datastore.FileManagement"]);
  assert.match(await search("[datastore1] a"), /NoPermission/);
  assert.match(await remove("[datastore1] a/b/notes.txt"), /NoPermission/);
  datastore().isAccessible = false;
  simulator.behaviour.withheldPrivileges = new Set();
  assert.match(await search("[datastore1] a"), /InaccessibleDatastore/);
});

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
