/** Virtual media: what each client sends, what slots say of themselves, and what becomes of it when it takes long or fails. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { generate } from "selfsigned";

import { MachineError, type MachineErrorKind } from "../../../src/model/machine/errors.js";
import { loggedImage } from "../../../src/model/machine/media.js";
import { type JsonObject, textOf } from "../../../src/protocol/redfish/json.js";
import { schemaErrors } from "../../support/redfishSchemas.js";
import { basic, createTestRedfish, messageNames, type Reply, type TestRedfish } from "../../support/testRedfish.js";

const system = "/redfish/v1/Systems/1/VirtualMedia";
const manager = "/redfish/v1/Managers/1/VirtualMedia";
const url = "http://images.example.com/iso/debian.iso";

function insert(redfish: TestRedfish, body: unknown, headers?: Record<string, string>, slot = "Cd"): Promise<Reply> {
  return redfish.send("POST", `${system}/${slot}/Actions/VirtualMedia.InsertMedia`, body, headers);
}

function eject(redfish: TestRedfish, body?: unknown): Promise<Reply> {
  return redfish.send("POST", `${manager}/Cd/Actions/VirtualMedia.EjectMedia`, body);
}

const textIn = ({ body }: Reply): string => textOf((body["error"] as JsonObject | undefined)?.["message"]);

test("System and Manager lead to the same drives, with the same state", async () => {
  const redfish = createTestRedfish();
  assert.equal((await insert(redfish, { Image: url })).status, 204);
  for (const parent of ["/redfish/v1/Systems/1", "/redfish/v1/Managers/1"]) {
    const { VirtualMedia } = await redfish.get(parent);
    assert.deepEqual(VirtualMedia, { "@odata.id": `${parent}/VirtualMedia` });
    const { Members } = await redfish.get(`${parent}/VirtualMedia`);
    assert.deepEqual(Members, [
      { "@odata.id": `${parent}/VirtualMedia/Cd` },
      { "@odata.id": `${parent}/VirtualMedia/Floppy` },
    ]);
    assert.equal((await redfish.get(`${parent}/VirtualMedia/Cd`))["Image"], url);
  }
});

test("a slot says what is in it, exactly as it was sent; an empty one says null", async () => {
  const redfish = createTestRedfish();
  const empty = await redfish.get(`${manager}/Cd`);
  assert.deepEqual(
    ["Inserted", "Image", "ImageName", "ConnectedVia", "UserName", "Password"].map((name) => empty[name]),
    [false, null, null, "NotConnected", null, null],
  );
  assert.deepEqual([empty["MediaTypes"], empty["WriteProtected"]], [["CD", "DVD"], true]);
  assert.deepEqual((await redfish.get(`${manager}/Floppy`))["MediaTypes"], ["Floppy"]);
  const image = `${url}?token=a%20b#x`;
  await insert(redfish, { Image: image, UserName: "joe", Password: "secret" });
  const full = await redfish.get(`${manager}/Cd`);
  assert.deepEqual(
    ["Inserted", "Image", "ConnectedVia", "Password", "TransferProtocolType"].map((name) => full[name]),
    [true, image, "URI", null, "HTTP"],
  );
  assert.deepEqual(schemaErrors(full), []);
});

const bodies: readonly (readonly [string, JsonObject])[] = [
  ["sushy", { Image: url }],
  ["gofish", { Image: url, Inserted: true, WriteProtected: true }],
  [
    "Ansible",
    { Image: url, Inserted: true, WriteProtected: true, TransferProtocolType: "HTTP", TransferMethod: "Stream" },
  ],
  ["OpenShift's recipe", { Image: url, TransferProtocolType: "HTTP", UserName: "", Password: "" }],
  ["a vendor's tool", { Image: url, TransferMethod: "Upload", MediaType: "CD", UserName: null, Password: null }],
];

for (const [client, body] of bodies) {
  test(`what ${client} sends inserts the image, with no account where it gives none`, async () => {
    const redfish = createTestRedfish();
    assert.equal((await insert(redfish, body)).status, 204);
    assert.deepEqual(redfish.machine.insertions, [
      { slot: "cd", image: url, username: null, password: null, verifyCertificate: null },
    ]);
    // Neither power nor boot device.
    assert.deepEqual(redfish.machine.operations, ["insertMedia"]);
  });
}

test("an account for the image server goes to the machine, and into no event or log", async () => {
  const redfish = createTestRedfish();
  await insert(redfish, {
    Image: "https://u:hunter1@h.example/a.iso?sig=hunter2",
    UserName: "joe",
    Password: "hunter3",
  });
  const [{ username, password } = {}] = redfish.machine.insertions;
  assert.deepEqual([username, password], ["joe", "hunter3"]);
  const seen = JSON.stringify(redfish.seen);
  assert.match(seen, /Image=https:\/\/\*\*\*@h\.example\/a\.iso\?\*\*\*/);
  assert.doesNotMatch(seen, /hunter/);
});

test("an image in a log shows neither what is in front of the server's name nor the query", () => {
  assert.equal(loggedImage("https://user:pass@host/a/b.iso?token=x"), "https://***@host/a/b.iso?***");
  assert.equal(loggedImage("[datastore1] iso/what?.iso"), "[datastore1] iso/what?.iso");
});

const refusals: readonly (readonly [string, unknown, string, string])[] = [
  ["no image", {}, "ActionParameterMissing", "#/Image"],
  ["an image that is no text", { Image: 5 }, "ActionParameterValueTypeError", "#/Image"],
  ["an empty image", { Image: "" }, "ActionParameterValueFormatError", "#/Image"],
  ["an unknown parameter", { Image: url, Colour: "red" }, "ActionParameterUnknown", "#/Colour"],
  [
    "an image that is not to be inserted",
    { Image: url, Inserted: false },
    "ActionParameterValueNotInList",
    "#/Inserted",
  ],
  [
    "an image that is to be written to",
    { Image: url, WriteProtected: false },
    "ActionParameterValueNotInList",
    "#/WriteProtected",
  ],
  ["NFS", { Image: url, TransferProtocolType: "NFS" }, "ActionParameterValueNotInList", "#/TransferProtocolType"],
  [
    "another protocol than the URL's",
    { Image: url, TransferProtocolType: "HTTPS" },
    "ActionParameterValueConflict",
    "#/TransferProtocolType",
  ],
];

for (const [what, body, name, related] of refusals) {
  test(`${what} is 400 ${name}, and nothing is inserted`, async () => {
    const redfish = createTestRedfish();
    const reply = await insert(redfish, body);
    assert.deepEqual([reply.status, messageNames(reply)], [400, [name]]);
    const { error } = reply.body as { error: { "@Message.ExtendedInfo": readonly JsonObject[] } };
    assert.deepEqual(error["@Message.ExtendedInfo"][0]?.["RelatedProperties"], [related]);
    assert.deepEqual(redfish.machine.insertions, []);
  });
}

test("sushy ejects without a body and without Content-Type; an empty object and an empty drive do as well", async () => {
  const redfish = createTestRedfish();
  await insert(redfish, { Image: url });
  assert.equal((await eject(redfish)).status, 204);
  assert.equal((await redfish.get(`${system}/Cd`))["Inserted"], false);
  assert.equal((await eject(redfish, {})).status, 204);
});

const failures: readonly (readonly [MachineErrorKind, number, string])[] = [
  // Not 5xx: Ironic repeats those and hides the reason.
  ["badImage", 400, "GeneralError"],
  ["denied", 400, "GeneralError"],
  ["unsupported", 400, "GeneralError"],
  ["invalidState", 409, "ResourceInUse"],
  ["busy", 503, "ServiceTemporarilyUnavailable"],
  ["unavailable", 503, "ServiceTemporarilyUnavailable"],
];

for (const [kind, status, name] of failures) {
  test(`an insertion that fails with ${kind} is ${status} ${name}, with the reason first`, async () => {
    const redfish = createTestRedfish();
    redfish.machine.failure = new MachineError(kind, "images.example.com answers HTTP 418 for the image");
    const reply = await insert(redfish, { Image: url });
    assert.deepEqual([reply.status, messageNames(reply)], [status, [name]]);
    assert.equal(textIn(reply), "images.example.com answers HTTP 418 for the image");
  });
}

test("what takes longer than 20 s is a task that says how far it is, and whose monitor gives the result", async () => {
  const redfish = createTestRedfish();
  const { machine, timers } = redfish;
  let open = (): void => undefined;
  machine.gate = new Promise((resolve) => (open = resolve));
  const asked = insert(redfish, { Image: url });
  await new Promise((resolve) => setImmediate(resolve));
  // sushy would not look at a task: it is to wait as long as it can.
  timers.pass(19_000);
  assert.equal(await Promise.race([asked, Promise.resolve("waiting")]), "waiting");
  timers.pass(1_000);
  const reply = await asked;
  assert.equal(reply.status, 202);
  machine.slots = machine.slots.map((slot) => ({
    ...slot,
    progress: { stage: "uploading", bytes: 30, totalBytes: 120 },
  }));
  const task = textOf(reply.body["@odata.id"]);
  assert.deepEqual(
    [(await redfish.get(task))["TaskState"], (await redfish.get(task))["PercentComplete"]],
    ["Running", 25],
  );
  const monitor = textOf(reply.headers["Location"]);
  assert.equal((await redfish.send("GET", monitor)).status, 202);
  machine.failure = new MachineError("badImage", "images.example.com has stopped sending the image");
  open();
  await asked;
  await new Promise((resolve) => setImmediate(resolve));
  const result = await redfish.send("GET", monitor);
  assert.deepEqual([result.status, textIn(result)], [400, "images.example.com has stopped sending the image"]);
  assert.deepEqual((await redfish.send("GET", monitor)).body, result.body, "it is to be had more than once");
  assert.equal((await redfish.get(task))["TaskState"], "Exception");
});

test("a client that prefers to be answered at once gets a task at once, for a PATCH too", async () => {
  const redfish = createTestRedfish();
  const first = await insert(redfish, { Image: url }, { prefer: "respond-async" });
  assert.equal(first.status, 202);
  const second = await redfish.send("PATCH", `${system}/Cd`, { Image: null }, { prefer: "respond-async" });
  assert.equal(second.status, 202);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await redfish.send("GET", textOf(second.headers["Location"]))).status, 200);
  assert.equal((await redfish.get(`${system}/Cd`))["Inserted"], false);
});

test("an image on its way is an update of the drive and no image in it; a failure stays to be read", async () => {
  const redfish = createTestRedfish();
  const { machine } = redfish;
  const [cd, floppy] = machine.slots;
  assert.ok(cd && floppy);
  machine.slots = [{ ...cd, image: url, progress: { stage: "queued" } }, floppy];
  const coming = await redfish.get(`${system}/Cd`);
  assert.deepEqual(
    [coming["Image"], coming["Inserted"], coming["Status"]],
    [null, false, { State: "Updating", Health: "OK" }],
  );
  machine.slots = [{ ...cd, progress: { stage: "failed", reason: "no such image", at: 0 } }, floppy];
  const failed = await redfish.get(`${system}/Cd`);
  assert.deepEqual(schemaErrors(failed), []);
  const { Conditions, Health } = failed["Status"] as { Conditions: readonly JsonObject[]; Health: string };
  assert.deepEqual(
    [Health, Conditions[0]?.["Message"], Conditions[0]?.["Timestamp"]],
    ["Warning", "no such image", "1970-01-01T00:00:00.000Z"],
  );
});

test("a PATCH with an image inserts, one with null or Inserted false ejects, as Lenovo's BMCs have it", async () => {
  const redfish = createTestRedfish();
  const patch = (body: unknown): Promise<Reply> => redfish.send("PATCH", `${system}/Cd`, body);
  assert.ok((await redfish.send("GET", `${system}/Cd`)).headers["Allow"]?.includes("PATCH"));
  for (const ejection of [{ Image: null }, { Inserted: false }, { Image: null, Inserted: false }]) {
    const inserted = await patch({ Image: url, Inserted: true });
    assert.deepEqual([inserted.status, inserted.body["Image"]], [200, url]);
    const ejected = await patch(ejection);
    assert.deepEqual([ejected.status, ejected.body["Inserted"]], [200, false]);
  }
  for (const [body, name] of [
    [{ Image: url, Inserted: false }, "PropertyValueConflict"],
    [{ Inserted: true }, "PropertyValueConflict"],
    [{ UserName: "joe" }, "PropertyValueConflict"],
    [{ ImageName: "a" }, "PropertyNotWritable"],
    [{ WriteProtected: false }, "PropertyValueNotInList"],
  ] as const) {
    const reply = await patch(body);
    assert.deepEqual([reply.status, messageNames(reply)], [400, [name]], JSON.stringify(body));
  }
});

test("VerifyCertificate is kept for each drive, and goes with every image from then on", async () => {
  const redfish = createTestRedfish();
  assert.equal((await redfish.get(`${system}/Cd`))["VerifyCertificate"], true);
  assert.equal((await redfish.send("PATCH", `${manager}/Cd`, { VerifyCertificate: false })).status, 200);
  assert.equal((await redfish.get(`${system}/Cd`))["VerifyCertificate"], false);
  assert.equal((await redfish.get(`${system}/Floppy`))["VerifyCertificate"], true);
  await insert(redfish, { Image: url });
  assert.equal(redfish.machine.insertions[0]?.verifyCertificate, false);
});

test("certificates of image servers are taken, described, given with every image, and deleted", async () => {
  const redfish = createTestRedfish();
  const { cert: pem } = await generate([{ name: "commonName", value: "images.example.com" }], { keyType: "ec" });
  const certificates = `${manager}/Cd/Certificates`;
  const made = await redfish.send("POST", certificates, { CertificateString: pem, CertificateType: "PEM" });
  assert.deepEqual([made.status, made.headers["Location"]], [201, `${certificates}/1`]);
  assert.deepEqual((made.body["Subject"] as JsonObject)["CommonName"], "images.example.com");
  assert.equal((await redfish.get(`${system}/Cd/Certificates`))["Members@odata.count"], 1);
  assert.equal((await redfish.get(`${system}/Floppy/Certificates`))["Members@odata.count"], 0);
  await insert(redfish, { Image: url });
  assert.deepEqual(redfish.machine.insertions[0]?.trustedCertificates, [pem]);
  assert.equal((await redfish.send("DELETE", `${certificates}/1`)).status, 204);
  assert.equal((await redfish.send("GET", `${certificates}/1`)).status, 404);
  for (const text of ["", "no certificate", pem + pem, pem.replace(/[A-Za-z]{20}/, "")]) {
    const reply = await redfish.send("POST", certificates, { CertificateString: text, CertificateType: "PEM" });
    assert.deepEqual([reply.status, messageNames(reply)], [400, ["PropertyValueFormatError"]]);
  }
});

test("as many certificates as can be kept are, and one more is refused", async () => {
  const redfish = createTestRedfish();
  const { cert: pem } = await generate([{ name: "commonName", value: "images.example.com" }], { keyType: "ec" });
  const add = (): Promise<Reply> =>
    redfish.send("POST", `${system}/Cd/Certificates`, { CertificateString: pem, CertificateType: "PEM" });
  for (let left = 8; left > 0; left--) {
    assert.equal((await add()).status, 201);
  }
  const reply = await add();
  assert.deepEqual([reply.status, messageNames(reply)], [400, ["CreateLimitReachedForResource"]]);
});

test("a machine without a place for a floppy has one drive", async () => {
  const redfish = createTestRedfish();
  redfish.machine.slots = redfish.machine.slots.slice(0, 1);
  assert.equal((await redfish.get(system))["Members@odata.count"], 1);
  assert.equal((await redfish.send("GET", `${system}/Floppy`)).status, 404);
  assert.equal((await redfish.send("GET", `${system}/Usb`)).status, 404);
});

test("operators may insert and eject, readers may only look", async () => {
  const redfish = createTestRedfish();
  for (const [name, role, status] of [
    ["olga", "Operator", 204],
    ["rita", "ReadOnly", 403],
  ] as const) {
    await redfish.send("POST", "/redfish/v1/AccountService/Accounts", {
      UserName: name,
      Password: "secret",
      RoleId: role,
    });
    assert.equal((await redfish.send("GET", `${system}/Cd`, undefined, basic(name, "secret"))).status, 200);
    assert.equal((await insert(redfish, { Image: url }, basic(name, "secret"))).status, status);
  }
});

test("If-Match of before does not hinder an action", async () => {
  const redfish = createTestRedfish();
  assert.equal((await insert(redfish, { Image: url }, { "if-match": '"old"' })).status, 204);
});
