import assert from "node:assert/strict";
import { once } from "node:events";
import { statSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import path from "node:path";
import { mock, test } from "node:test";

import { openConsoleStream } from "../../../src/io/console/consoleStream.js";
import { freeTcpPort } from "../../support/ports.js";
import type { StandInVm } from "../../support/standInVm.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { testConsoles } from "../../support/testConsoles.js";

test("one types, the others watch, and all learn who takes the console", async () => {
  const consoles = await testConsoles();
  const vm = await consoles.vm().begin();
  const alice = await consoles.view("vm-01", { user: "alice" });
  const bob = await consoles.view("vm-01", { user: "bob" });
  const eve = await consoles.view("vm-01", { user: "eve", isReadOnly: true });
  assert.equal(bob.status.isWriter, false);
  assert.equal(bob.status.writer?.user, "alice");
  bob.stream.write(Buffer.from("ignored"));
  alice.stream.write(Buffer.from("a"));
  await vm.untilTyped("a");
  bob.stream.take();
  await alice.until(() => alice.status.writer?.user === "bob");
  eve.stream.take();
  bob.stream.write(Buffer.from("b"));
  await vm.untilTyped("ab");
  await vm.print("$ ");
  await eve.until(() => eve.output === "$ ");
  bob.stream.release();
  await alice.until(() => alice.status.isWriter);
  assert.deepEqual(
    alice.status.watchers.map(({ user }) => user),
    ["bob", "eve"],
  );
  alice.stream.close();
  await consoles.until(() => consoles.events.includes("vm-01: alice: console closed"));
  assert.equal(eve.status.isWriter, false);
  assert.ok(consoles.events.includes("vm-01: bob: console taken from alice (vbmc console)"));
  assert.ok(consoles.events.includes("vm-01: eve: console opened to watch"));
});

test("Serial over LAN takes the console, and gives it back when it ends", async () => {
  const consoles = await testConsoles();
  const alice = await consoles.view("vm-01", { user: "alice" });
  const sol = await consoles.view("vm-01", { kind: "sol", user: "operator", from: "192.0.2.9" });
  sol.stream.take();
  await alice.until(() => !alice.status.isWriter);
  await sol.until(() => sol.status.isWriter);
  assert.equal(sol.status.isWriter, true);
  assert.deepEqual(alice.status.writer, { kind: "sol", user: "operator", from: "192.0.2.9" });
  sol.stream.close();
  await alice.until(() => alice.status.isWriter);
});

test("a client that comes later sees what was said before, as much as asked for and kept", async () => {
  const consoles = await testConsoles();
  const vm = await consoles.vm().begin();
  const first = await consoles.view("vm-01");
  await vm.print(Buffer.alloc(300_000, "0123456789"));
  await vm.print("panic");
  await first.until(() => first.output.endsWith("panic"));
  assert.equal(first.output.length, 300_005, "who is at work gets everything");
  const later = await consoles.view("vm-01", { replayBytes: 1_000 });
  await later.until(() => later.output.endsWith("panic"));
  assert.equal(later.output.length, 1_000);
  const all = await consoles.view("vm-01", { replayBytes: 10_000_000 });
  await all.until(() => all.output.endsWith("panic"));
  assert.ok(all.output.length >= 65_536 && all.output.length <= 150_000, `${all.output.length}`);
  const none = await consoles.view("vm-01", { replayBytes: 0 });
  await vm.print("!");
  await none.until(() => none.output === "!");
});

test("a VM that floods is held back for the one who types, and memory stays bounded", async () => {
  const consoles = await testConsoles();
  const vm = await consoles.vm().begin();
  const writer = await consoles.view("vm-01");
  writer.stream.pause();
  const sent = await flood(vm);
  writer.stream.resume();
  await writer.until(() => writer.output.length === sent);
  assert.equal(writer.overrun, 0);
  for (let at = 0; at < sent; at += 16_384) {
    assert.equal(writer.output.charCodeAt(at), at % 250, `byte ${at}`);
  }
});

/** Prints until the VM is held back. @returns bytes that were printed */
async function flood({ socket }: StandInVm): Promise<number> {
  let sent = 0;
  while (sent < 64_000_000 && !socket.writableNeedDrain) {
    socket.write(Buffer.alloc(16_384, sent % 250));
    sent += 16_384;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(socket.writableNeedDrain, "the VM's connection is not read forever");
  return sent;
}

test("the VM waits 10 s for a writer that has stopped to read; then that one skips, and counts again as soon as it reads", async () => {
  const consoles = await testConsoles();
  const vm = await consoles.vm().begin();
  const writer = await consoles.view("vm-01");
  const watcher = await consoles.view("vm-01", { user: "bob" });
  mock.timers.enable({ apis: ["setTimeout"] });
  writer.stream.pause();
  const held = await flood(vm);
  mock.timers.tick(9_999);
  assert.ok(vm.socket.writableNeedDrain);
  mock.timers.tick(1);
  mock.timers.reset();
  await once(vm.socket, "drain");
  await vm.print("end");
  await watcher.until(() => watcher.output.endsWith("end"));
  writer.stream.resume();
  await writer.until(() => writer.output.endsWith("end"));
  assert.ok(writer.overrun > 0);
  assert.equal(writer.output.length + writer.overrun, held + 3);
  const missed = writer.overrun;
  writer.stream.pause();
  const more = await flood(vm);
  writer.stream.resume();
  await writer.until(() => writer.output.length + missed === held + 3 + more);
  assert.equal(writer.overrun, missed, "the VM waits for it again");
});

test("who only watches and does not read never holds the VM back: it skips, and hears how much", async () => {
  const consoles = await testConsoles();
  const vm = await consoles.vm().begin();
  const writer = await consoles.view("vm-01", { user: "alice" });
  const watcher = await consoles.view("vm-01", { user: "bob" });
  watcher.stream.pause();
  const length = 5_000_000;
  await vm.print(Buffer.alloc(length, "x"));
  await vm.print("end");
  await writer.until(() => writer.output.length === length + 3);
  watcher.stream.resume();
  await watcher.until(() => watcher.output.endsWith("end"));
  assert.ok(watcher.overrun > 1_000_000);
  assert.equal(watcher.output.length + watcher.overrun, length + 3);
});

test("a VM that does not read holds back who types, and what it says still comes", async () => {
  const consoles = await testConsoles();
  const vm = await consoles.vm().begin();
  const writer = await consoles.view("vm-01");
  vm.socket.pause();
  let typed = 0;
  const pasted = Buffer.alloc(50_000, "paste ");
  while (writer.stream.write(pasted)) {
    typed += pasted.length;
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(typed < 50_000_000, "a VM that does not read is noticed");
  }
  await vm.print("I am busy");
  await writer.until(() => writer.output === "I am busy");
  vm.socket.resume();
  await vm.until(() => vm.serial.length === typed + pasted.length);
});

test("a key opens one console once, and the socket is ours alone", async () => {
  const consoles = await testConsoles();
  const folder = temporaryFolder();
  const own = await testConsoles({ socketPath: path.join(folder, "c.sock") });
  const { stream } = await own.view("vm-01", { key: "once" });
  assert.equal(statSync(path.join(folder, "c.sock")).mode & 0o777, 0o600);
  const listener = { onData() {}, onStatus() {}, onOverrun() {}, onDrain() {}, onEnd() {} };
  const again = openConsoleStream({ socketPath: path.join(folder, "c.sock"), key: "once", listener, timeoutMs: 5_000 });
  await assert.rejects(again, /key is unknown, was used before or is too old: open the console again/);
  stream.close();
  await assert.rejects(consoles.view("vm-02"), /vm-02 has no console/);

  const strange = connect(path.join(folder, "c.sock"));
  strange.write("GET / HTTP/1.1\r\n\r\n");
  const [answer] = (await once(strange, "data")) as [Buffer];
  assert.match(answer.toString(), /"reason":"protocol"/);
  strange.destroy();
});

test("a VM whose port listens is connected to, again and again; raw TCP has no break", async () => {
  const port = await freeTcpPort();
  const consoles = await testConsoles();
  consoles.serve({
    vmName: "vm-02",
    token: "secret-2",
    mode: { kind: "connect", protocol: "tcp", address: "127.0.0.1", port },
  });
  const viewer = await consoles.view("vm-02");
  await consoles.until(() => consoles.states.get("vm-02")?.lastError !== undefined);
  assert.match(consoles.states.get("vm-02")?.lastError ?? "", /connection refused: is the VM on/);
  const server = createServer().listen(port, "127.0.0.1");
  for (const word of ["first", "second"]) {
    const [socket] = (await once(server, "connection")) as [Socket];
    socket.write(Buffer.from(`${word}\xff`, "latin1"));
    await viewer.until(() => viewer.output.endsWith(`${word}\xff`));
    viewer.stream.sendBreak();
    viewer.stream.write(Buffer.from([0xff, 0x00]));
    assert.deepEqual((await once(socket, "data"))[0], Buffer.from([0xff, 0x00]));
    socket.destroy();
    await viewer.until(() => !viewer.status.connected);
  }
  assert.ok(consoles.log.some((line) => line.includes("a break cannot be sent")));
  server.close();
});

test("a VM whose port speaks telnet: options are agreed once, FFh is doubled, and a break arrives", async () => {
  const port = await freeTcpPort();
  const consoles = await testConsoles();
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  const connected = once(server, "connection");
  const mode = { kind: "connect", protocol: "telnet", address: "127.0.0.1", port } as const;
  consoles.serve({ vmName: "vm-02", token: "secret-2", mode });
  const [socket] = (await connected) as [Socket];
  let heard = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    socket.emit("heard");
  });
  const hears = async (hex: string): Promise<void> => {
    while (heard.toString("hex") !== hex) {
      await once(socket, "heard");
    }
    heard = Buffer.alloc(0);
  };
  // WILL BINARY, WILL SGA, DO BINARY, DO SGA, DO ECHO
  await hears("fffb00" + "fffb03" + "fffd00" + "fffd03" + "fffd01");
  const viewer = await consoles.view("vm-02");
  // DO BINARY, WILL ECHO and WILL SGA were asked for; DO ECHO and WILL COM-PORT (44) are not wanted.
  socket.write(Buffer.from("fffd00fffb01fffb03" + "fffd01fffb2c" + "61ff", "hex"));
  await hears("fffc01" + "fffe2c");
  socket.write(Buffer.from("ff620d00fffa2c00fff0" + "63", "hex"));
  await viewer.until(() => viewer.output === "a\xffb\r\x00c");
  viewer.stream.write(Buffer.from([0x64, 0xff, 0x65]));
  await hears("64ffff65");
  viewer.stream.sendBreak();
  await hears("fff3");
  socket.destroy();
  server.close();
});

test("a VM that connects to a port of its own is served there; another host must wait", async () => {
  const port = await freeTcpPort();
  const consoles = await testConsoles();
  consoles.serve({
    vmName: "vm-02",
    token: "secret-2",
    mode: { kind: "listen", protocol: "tcp", address: "127.0.0.1", port },
  });
  const viewer = await consoles.view("vm-02");
  const join = async (localAddress: string): Promise<Socket> => {
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  };
  const first = await join("127.0.0.1");
  first.write("one ");
  await viewer.until(() => viewer.output === "one ");
  const other = await join("127.0.0.2");
  other.resume();
  await once(other, "close");
  assert.match(consoles.states.get("vm-02")?.lastError ?? "", /127.0.0.2 is refused: one from 127.0.0.1 is there/);
  const next = await join("127.0.0.1");
  next.write("two");
  await viewer.until(() => viewer.output === "one two");
  next.destroy();
});
