import assert from "node:assert/strict";
import { test } from "node:test";

import { createInMemoryStorage } from "../../../../src/model/bmc/state/storage.js";
import { createFakeConsole, type FakeConsole } from "../../../support/fakeConsole.js";
import { hex, openSessionPacket, type Protection } from "../../../support/packets.js";
import { createTestBmc, logIn, type TestBmc, type TestSession } from "../../../support/testBmc.js";

const app = 0x06;
const transport = 0x0c;
const sol = 0x01;
/** Encrypted and authenticated, alerts deferred, CTS deasserted: as ipmitool sends it. */
const activation = [sol, 1, 0xc6, 0, 0, 0] as const;
const deactivation = [sol, 1, 0, 0, 0, 0] as const;

interface Lab {
  readonly bmc: TestBmc;
  readonly console: FakeConsole;
  readonly session: TestSession;
}

function createLab(options: Parameters<typeof createTestBmc>[0] = {}, responder = {}): Lab {
  const console = createFakeConsole();
  const bmc = createTestBmc({ console, ...options }, responder);
  return { bmc, console, session: logInAs(bmc) };
}

/** A session at the privilege that it asks for, which begins as USER (§6.8). */
function logInAs(bmc: TestBmc, login: Parameters<typeof logIn>[1] = {}): TestSession {
  const session = logIn(bmc, login);
  bmc.exchange(session.packet(app, 0x3b, [login.privilege ?? 4]));
  return session;
}

/** Activates, and lets the time pass in which nothing is sent. */
async function activate({ bmc, session }: Lab): Promise<void> {
  assert.equal((await session.request(app, 0x48, activation)).code, 0);
  bmc.pass(100);
}

/** Sends a SOL packet; the array takes what comes back, now and until the next packet. */
function send({ bmc }: Pick<Lab, "bmc">, session: TestSession, packet: string, port?: number): Buffer[] {
  return bmc.exchange(session.seal(sol, hex(packet)), port);
}

function solPackets(session: TestSession, datagrams: readonly Buffer[], expected: Partial<Protection> = {}): string[] {
  return datagrams.map((datagram) => {
    const { payloadType, message } = openSessionPacket(session.keys, datagram, expected);
    assert.equal(payloadType, sol);
    return message.toString("hex");
  });
}

const text = (head: string, characters: string): string => head + Buffer.from(characters).toString("hex");

test("Activate Payload answers 12 bytes: sizes 255 and 259, the port of the BMC, no VLAN (§24.1)", async () => {
  const { session, console } = createLab();
  const { code, data } = await session.request(app, 0x48, activation);
  assert.equal(code, 0);
  assert.equal(data.toString("hex"), "00000000" + "ff00" + "0301" + "6f02" + "ffff");
  assert.deepEqual(console.users, [{ user: "admin", from: "192.0.2.1" }]);
});

test("sol_port is the port that clients are told", async () => {
  const { session } = createLab({ solPort: 10_623 });
  assert.equal((await session.request(app, 0x48, activation)).data.readUInt16LE(8), 10_623);
  assert.equal((await session.request(transport, 0x22, [1, 8, 0, 0])).data.readUInt16LE(1), 10_623);
});

test("keys go to the console, and its output comes back to where the last packet came from", async () => {
  const lab = createLab();
  const { session, console } = lab;
  await activate(lab);
  const early = send(lab, session, text("01000000", "a"), 40_001);
  assert.deepEqual(solPackets(session, early), ["00010100"]);
  const late = send(lab, session, text("02000000", "b"), 40_002);
  console.print("ab");
  assert.equal(console.typed, "ab");
  assert.equal(early.length, 1);
  assert.deepEqual(solPackets(session, late), ["00020100", text("01000000", "ab")]);
});

test("a BMC without a console refuses with 81h, and says in 4Eh and 4Fh that there is no SOL", async () => {
  const bmc = createTestBmc();
  const session = logInAs(bmc);
  assert.equal((await session.request(app, 0x48, activation)).code, 0x81);
  assert.equal((await session.request(app, 0x49, deactivation)).code, 0x81);
  assert.equal((await session.request(app, 0x4e, [0x0e])).data[0], 0x01);
  assert.equal((await session.request(app, 0x4f, [0x0e, sol])).code, 0x80);
  assert.deepEqual([...(await session.request(app, 0x4a, [sol])).data], [0, 0, 0]);
  assert.deepEqual([...(await session.request(transport, 0x22, [1, 1, 0, 0])).data], [0x11, 0]);
  assert.equal((await session.request(transport, 0x21, [1, 1, 1])).code, 0xd5);
  assert.equal((await session.request(transport, 0x21, [1, 1, 0])).code, 0, "what was read may be written back");
});

test("with a console 4Eh has bit 1, 4Fh version 1.0, 4Ah and 4Bh who is active (§24.4-9)", async () => {
  const lab = createLab();
  const { session } = lab;
  assert.equal((await session.request(app, 0x4e, [0x0e])).data[0], 0x03);
  assert.deepEqual([...(await session.request(app, 0x4f, [0x0e, sol])).data], [0x10]);
  assert.deepEqual([...(await session.request(app, 0x4a, [sol])).data], [1, 0, 0]);
  assert.equal((await session.request(app, 0x4b, [sol, 1])).data.toString("hex"), "00000000" + "01" + "00".repeat(7));
  await activate(lab);
  assert.deepEqual([...(await session.request(app, 0x4a, [sol])).data], [1, 1, 0]);
  const { data } = await session.request(app, 0x4b, [sol, 1]);
  assert.equal(data.readUInt32LE(0), session.keys.managedSessionId);
  assert.deepEqual([...(await session.request(app, 0x4a, [0])).data], [0, 0, 0]);
});

test("a second session gets 80h, takes the console with 49h, and the first is notified in a NACK (pyghmi)", async () => {
  const lab = createLab();
  const { bmc, session, console } = lab;
  await activate(lab);
  const inbox = send(lab, session, text("07000000", "a"));
  const other = logInAs(bmc);
  assert.equal((await other.request(app, 0x48, activation)).code, 0x80);
  assert.equal((await other.request(app, 0x49, deactivation)).code, 0);
  assert.deepEqual(solPackets(session, inbox), ["00070100", "00070050"]);
  assert.equal(console.listeners.size, 0);
  assert.equal((await other.request(app, 0x48, activation)).code, 0);
  assert.deepEqual(send(lab, session, text("08000000", "b")), [], "the first one's packets are no longer taken");
  assert.equal(console.typed, "a");
});

test("who deactivates the own payload gets no notice, which ipmitool would take for an answer", async () => {
  const lab = createLab();
  const { bmc, session } = lab;
  await activate(lab);
  const inbox = bmc.exchange(session.packet(app, 0x49, deactivation));
  bmc.pass(10_000);
  assert.equal(inbox.length, 1);
  assert.equal(session.read(inbox[0]!).code, 0);
  assert.equal((await session.request(app, 0x49, deactivation)).code, 0x80);
});

test("the last inbound number does not outlive the activation (ipmi_sim types nothing then)", async () => {
  const lab = createLab();
  await activate(lab);
  send(lab, lab.session, text("01000000", "a"));
  await lab.session.request(app, 0x49, deactivation);
  await activate(lab);
  send(lab, lab.session, text("01000000", "b"));
  assert.equal(lab.console.typed, "ab");
});

test("a session may activate again what it has: it starts afresh", async () => {
  const lab = createLab();
  await activate(lab);
  send(lab, lab.session, text("01000000", "a"));
  await activate(lab);
  send(lab, lab.session, text("01000000", "b"));
  assert.equal(lab.console.typed, "ab");
  assert.equal(lab.console.listeners.size, 1);
});

test("the end of the owning session deactivates at once, that of another session does nothing", async () => {
  const lab = createLab();
  const { bmc, session, console } = lab;
  const other = logInAs(bmc);
  await activate(lab);
  const close = (each: TestSession): readonly number[] => {
    const id = Buffer.alloc(4);
    id.writeUInt32LE(each.keys.managedSessionId);
    return [...id];
  };
  await other.request(app, 0x3c, close(other));
  assert.equal(console.listeners.size, 1);
  const inbox = bmc.exchange(session.packet(app, 0x3c, close(session)));
  assert.equal(console.listeners.size, 0);
  assert.equal(inbox.length, 1, "no notice");
});

test("a session that times out gives the console back without any packet coming", async () => {
  const lab = createLab();
  await activate(lab);
  lab.bmc.pass(59_000);
  send(lab, lab.session, "01000000");
  lab.bmc.pass(59_000);
  assert.equal(lab.console.listeners.size, 1, "a verified SOL packet is activity");
  lab.bmc.pass(1_001);
  assert.equal(lab.console.listeners.size, 0);
});

test("the session that has the console is evicted last, and told", async () => {
  const lab = createLab({}, { maxSessions: 2 });
  const { bmc, session, console } = lab;
  await activate(lab);
  const inbox = send(lab, session, "01000000");
  bmc.pass(1_000);
  const second = logInAs(bmc);
  bmc.pass(1_000);
  logInAs(bmc);
  assert.equal(console.listeners.size, 1);
  assert.deepEqual(bmc.exchange(second.packet(app, 0x01)), [], "the one without a console has gone");
  assert.deepEqual(solPackets(session, inbox), ["00010000"]);
});

test("a cold reset deactivates: the answer comes first, then the notice", async () => {
  const lab = createLab();
  const { bmc, session, console } = lab;
  await activate(lab);
  const inbox = bmc.exchange(session.packet(app, 0x02));
  bmc.pass(1);
  assert.equal(console.listeners.size, 0);
  assert.equal(session.read(inbox[0]!).code, 0);
  assert.deepEqual(solPackets(session, inbox.slice(1)), ["00000050"]);
});

test("a BMC that is withdrawn tells its remote console", async () => {
  const lab = createLab();
  await activate(lab);
  const inbox = send(lab, lab.session, "01000000");
  lab.bmc.responder.close();
  assert.deepEqual(solPackets(lab.session, inbox), ["00010000", "00010050"]);
  assert.equal(lab.console.listeners.size, 0);
});

test("power changes do not touch the payload", async () => {
  const lab = createLab();
  await activate(lab);
  for (const action of [1, 2, 0]) {
    await lab.session.request(0x00, 0x02, [action]);
  }
  assert.equal(lab.console.listeners.size, 1);
});

test("the aux data say how the BMC protects what it sends (§24.1), and 55h changes it (§24.3)", async () => {
  const lab = createLab();
  const { session, console, bmc } = lab;
  assert.equal((await session.request(app, 0x55, [sol, 1, 0])).code, 0x83);
  for (const [flags, expected] of [
    [0xc0, { encrypted: true, authenticated: true }],
    [0x40, { encrypted: false, authenticated: true }],
    [0x00, { encrypted: false, authenticated: false }],
  ] as const) {
    await session.request(app, 0x48, [sol, 1, flags, 0, 0, 0]);
    bmc.pass(100);
    const inbox = send(lab, session, "01000000");
    console.print("x");
    assert.deepEqual(solPackets(session, inbox, expected), ["00010000", text("01000000", "x")]);
  }
  assert.equal(
    (await session.request(app, 0x48, [sol, 1, 0x80, 0, 0, 0])).code,
    0xcc,
    "encrypted but not authenticated",
  );
  await session.request(app, 0x48, activation);
  assert.equal((await session.request(app, 0x55, [sol, 1, 0])).code, 0);
  assert.deepEqual(solPackets(session, send(lab, session, "01000000"), { encrypted: false }), ["00010000"]);
  assert.equal((await session.request(app, 0x55, [sol, 1, 1])).code, 0);
  assert.deepEqual(solPackets(session, send(lab, session, "02000000")), ["00020000"]);
  assert.equal((await session.request(app, 0x55, [sol, 1, 2])).code, 0x80);
  assert.equal((await logInAs(bmc).request(app, 0x55, [sol, 1, 0])).code, 0xd4);
});

test("a suite without encryption gives 83h, forced encryption 84h and 81h", async () => {
  const lab = createLab({ cipherSuites: [2, 3] });
  const plain = logInAs(lab.bmc, { suite: 2 });
  assert.equal((await plain.request(app, 0x48, activation)).code, 0x83);
  assert.equal((await plain.request(app, 0x48, [sol, 1, 0x40, 0, 0, 0])).code, 0);
  assert.equal((await plain.request(app, 0x55, [sol, 1, 0])).code, 0x82);
  await plain.request(app, 0x49, deactivation);
  assert.equal((await lab.session.request(transport, 0x21, [1, 2, 0xc3])).code, 0);
  assert.equal((await lab.session.request(app, 0x48, [sol, 1, 0x40, 0, 0, 0])).code, 0x84);
  assert.equal((await lab.session.request(app, 0x48, activation)).code, 0);
  assert.equal((await lab.session.request(app, 0x55, [sol, 1, 0])).code, 0x81);
});

test("parameter 2 says from which privilege on, payload access which users (§24.6)", async () => {
  const lab = createLab();
  const { bmc, session } = lab;
  const user = logInAs(bmc, { privilege: 2, role: 0x12 });
  assert.equal((await user.request(app, 0x48, activation)).code, 0xd4);
  assert.equal((await session.request(transport, 0x21, [1, 2, 2])).code, 0);
  assert.equal((await user.request(app, 0x48, activation)).code, 0);
  await user.request(app, 0x49, deactivation);
  assert.equal((await session.request(app, 0x4d, [0x0e, 2])).data[0], 0x02, "the configured account has it");
  assert.equal((await session.request(app, 0x4c, [0x0e, 0x42, 0x02, 0, 0, 0])).code, 0);
  assert.equal((await session.request(app, 0x48, activation)).code, 0x81);
  assert.equal((await session.request(app, 0x4c, [0x0e, 0x02, 0x02, 0, 0, 0])).code, 0);
  assert.equal((await session.request(app, 0x48, activation)).code, 0);
});

test("users that a version without SOL has kept have access to it; who loses it later does not get it back", async () => {
  const user = { id: 2, name: "admin", password: Buffer.from("password").toString("base64"), passwordSize: 16 };
  const rights = {
    enabled: true,
    privilegeLimit: 4,
    ipmiMessaging: true,
    linkAuthentication: false,
    callbackOnly: false,
  };
  const { createHash } = await import("node:crypto");
  const configured = createHash("sha256")
    .update(JSON.stringify(["admin", "password"]))
    .digest("hex");
  const storage = createInMemoryStorage({ users: { configured, users: [{ ...user, ...rights, payloadAccess: 0 }] } });
  const lab = createLab({ storage });
  assert.equal((await lab.session.request(app, 0x48, activation)).code, 0);
  await lab.session.request(app, 0x49, deactivation);
  await lab.session.request(app, 0x4c, [0x0e, 0x42, 0x02, 0, 0, 0]);
  const later = createLab({ storage });
  assert.equal((await later.session.request(app, 0x48, activation)).code, 0x81);
});

test("SOL that is disabled by parameter 1 ends what is active, and gives 81h", async () => {
  const lab = createLab();
  await activate(lab);
  const inbox = send(lab, lab.session, "01000000");
  const other = logInAs(lab.bmc);
  assert.equal((await other.request(transport, 0x21, [1, 1, 0])).code, 0);
  assert.deepEqual(solPackets(lab.session, inbox), ["00010000", "00010050"]);
  assert.equal((await lab.session.request(app, 0x48, activation)).code, 0x81);
});

test("parameters have the lengths that `ipmitool sol info` wants, and are kept but for 0 and 6 (§26.3)", async () => {
  const storage = createInMemoryStorage();
  const { session } = createLab({ storage });
  const lengths: number[] = [];
  for (let parameter = 0; parameter <= 8; parameter++) {
    lengths.push((await session.request(transport, 0x22, [0x0e, parameter, 0, 0])).data.length);
  }
  assert.deepEqual(lengths, [2, 2, 2, 3, 3, 2, 2, 2, 3]);
  assert.equal((await session.request(transport, 0x22, [1, 9, 0, 0])).code, 0x80);
  assert.deepEqual([...(await session.request(transport, 0x22, [0x81, 9, 0, 0])).data], [0x11]);
  const values: readonly (readonly number[])[] = [
    [0, 1],
    [1, 1],
    [2, 0xc4],
    [3, 20, 96],
    [4, 3, 50],
    [5, 6],
    [6, 7],
  ];
  for (const value of values) {
    assert.equal((await session.request(transport, 0x21, [1, ...value])).code, 0);
  }
  const read = async (from: TestSession): Promise<number[][]> => {
    const all: number[][] = [];
    for (let parameter = 0; parameter <= 6; parameter++) {
      const { data } = await from.request(transport, 0x22, [1, parameter, 0, 0]);
      all.push([parameter, ...data.subarray(1)]);
    }
    return all;
  };
  assert.deepEqual(await read(session), values);
  const later = createLab({ storage }).session;
  assert.deepEqual(await read(later), [[0, 0], ...values.slice(1, -1), [6, 6]]);
});

test("values out of range are C9h, 7 and 8 are read-only unless the same is written", async () => {
  const { session } = createLab();
  const set = async (...data: readonly number[]): Promise<number> =>
    (await session.request(transport, 0x21, [1, ...data])).code;
  for (const value of [
    [0, 3],
    [2, 1],
    [2, 6],
    [3, 0, 1],
    [3, 1, 0],
    [5, 5],
    [6, 11],
  ]) {
    assert.equal(await set(...value), 0xc9, value.join());
  }
  assert.equal(await set(3, 1), 0xc7);
  assert.equal(await set(7, 2), 0x82);
  assert.equal(await set(7, 1), 0);
  assert.equal(await set(8, 0x70, 0x02), 0x82);
  assert.equal(await set(8, 0x6f, 0x02), 0);
  assert.equal(await set(9, 1), 0x80);
});

test("other types and instances are refused with CCh, wrong lengths with C7h", async () => {
  const { session } = createLab();
  for (const command of [0x48, 0x49]) {
    assert.equal((await session.request(app, command, [sol, 2, 0xc0, 0, 0, 0])).code, 0xcc);
    assert.equal((await session.request(app, command, [0x00, 1, 0xc0, 0, 0, 0])).code, 0xcc);
    assert.equal((await session.request(app, command, [sol, 1])).code, 0xc7);
  }
  assert.equal((await session.request(app, 0x55, [sol, 1, 3])).code, 0xcc);
});

test("SOL packets of a session that has not activated it do nothing", () => {
  const lab = createLab();
  assert.deepEqual(send(lab, lab.session, text("01000000", "x")), []);
  assert.equal(lab.console.typed, "");
});
