import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";

import { vmware } from "../../support/standInVm.js";
import { testConsoles, uuids } from "../../support/testConsoles.js";

for (const isEncrypted of [false, true]) {
  test(`a VM that proves its token has its console, ${isEncrypted ? "with TLS" : "in clear text"}`, async () => {
    const consoles = await testConsoles();
    const vm = await consoles.vm({ isEncrypted }).begin();
    await consoles.until(() => consoles.states.get("vm-01")?.connectedSince !== undefined);
    assert.equal(consoles.states.get("vm-01")?.isEncrypted, isEncrypted);
    const viewer = await consoles.view("vm-01");
    assert.equal(viewer.status.connected, true);
    await vm.print("login: \0\xff");
    await viewer.until(() => viewer.output.startsWith("login: \0"));
    viewer.stream.write(Buffer.from([0x72, 0xff, 0x00, 0x0d]));
    viewer.stream.sendBreak();
    await vm.until(() => vm.serial.equals(Buffer.from([0x72, 0xff, 0x00, 0x0d])) && vm.breaks === 1);
    vm.socket.end();
    await viewer.until(() => !viewer.status.connected);
    assert.ok(consoles.events.includes("vm-01: the VM's serial port is connected from 127.0.0.1"));
    assert.ok(consoles.events.includes("vm-01: the VM closed its serial port"));
  });

  test(`a connection that is cut anywhere is the same, ${isEncrypted ? "with TLS" : "in clear text"}`, async () => {
    const consoles = await testConsoles();
    const vm = await consoles.vm({ isEncrypted, pieceBytes: 1 }).begin();
    await vm.print("a\xffb\0c");
    const viewer = await consoles.view("vm-01");
    await viewer.until(() => viewer.output.length >= Buffer.from("a\xffb\0c").length);
    assert.equal(viewer.output, Buffer.from("a\xffb\0c").toString("latin1"));
  });
}

test("a power cycle ends the connection, and the next one goes on in the same console", async () => {
  const consoles = await testConsoles();
  const viewer = await consoles.view("vm-01");
  assert.equal(viewer.status.connected, false, "a console can be opened while the VM is off");
  viewer.stream.write(Buffer.from("lost\r"));
  const first = await consoles.vm().begin();
  await first.print("one ");
  await viewer.until(() => viewer.output === "one ");
  first.socket.end();
  await viewer.until(() => !viewer.status.connected);
  const second = await consoles.vm().begin();
  await second.print("two");
  await viewer.until(() => viewer.output === "one two");
  viewer.stream.write(Buffer.from("typed"));
  await second.untilTyped("typed");
  assert.equal(second.serial.toString(), "typed", "what was typed while it was off is not kept");
});

test("what is refused: an unknown token, a clone with another UUID, no token, and who is no VM", async () => {
  const consoles = await testConsoles();
  const refused = async (options: Parameters<typeof consoles.vm>[0], reason: RegExp): Promise<void> => {
    const vm = consoles.vm(options);
    await vm.open();
    await vm.send(vmware(70, `C${options?.serviceUri ?? "vbmc:vm-01?token=secret-1"}`));
    await vm.until(() => vm.messages.includes("51"));
    await vm.answer();
    await vm.untilClosed();
    assert.match(consoles.log.at(-1) ?? "", reason);
  };
  await refused({ serviceUri: "vbmc:vm-01?token=wrong" }, /its token is unknown/);
  await refused({ vcUuid: uuids.vm02.instance.replaceAll("-", "") }, /token of vm-01, and is another VM/);
  await refused({ serviceUri: "vm-01", name: "vm-01" }, /has no token: set it up with vbmc console NAME --setup/);
  assert.ok(!consoles.log.join().includes("secret-1") && !consoles.events.join().includes("secret-1"));
  assert.equal(consoles.states.get("vm-01")?.connectedSince, undefined);

  const refusals = consoles.log.length;
  const again = consoles.vm({ serviceUri: "vbmc:vm-01?token=wrong" });
  await again.open();
  await again.send(vmware(70, "Cvbmc:vm-01?token=wrong"));
  await again.answer();
  await again.untilClosed();
  assert.equal(consoles.log.length, refusals, "of the same VM it is reported once");

  const stranger = connect({ port: consoles.port, host: "127.0.0.1" });
  await once(stranger, "connect");
  stranger.resume().write(Buffer.from("fffce8", "hex"));
  await once(stranger, "close");
  assert.match(consoles.log.at(-1) ?? "", /does not speak VMware's telnet extension/);
});

const floods = [
  { what: "serial data", bytes: Buffer.alloc(1_000_000, "x"), reason: /it sends too much before its turn/ },
  // IAC NOP (RFC 854).
  { what: "telnet commands", bytes: Buffer.alloc(1_000_000, "fff1", "hex"), reason: /too much without saying who/ },
];
for (const { what, bytes, reason } of floods) {
  test(`what an unknown connection may send is bounded: ${what}`, async () => {
    const consoles = await testConsoles();
    const flood = connect({ port: consoles.port, host: "127.0.0.1" });
    flood.on("error", () => undefined);
    await once(flood, "connect");
    flood.resume().write(bytes);
    await once(flood, "close");
    assert.match(consoles.log.at(-1) ?? "", reason);
  });
}

test("only so many unknown connections are open, and a VM still gets in", async () => {
  const consoles = await testConsoles();
  const flood = Array.from({ length: 300 }, () => connect({ port: consoles.port, host: "127.0.0.1" }));
  let closedCount = 0;
  flood.forEach((socket) => socket.on("error", () => undefined).resume());
  flood.forEach((socket) => socket.on("close", () => closedCount++));
  await Promise.all(flood.map((socket) => once(socket, "connect")));
  const vm = await consoles.vm().begin();
  await vm.print("here");
  const viewer = await consoles.view("vm-01");
  await viewer.until(() => viewer.output === "here");
  assert.ok(closedCount >= 300 - 256, `${closedCount} were closed`);
  flood.forEach((socket) => socket.destroy());
});

test("a VM that reconnects with its token replaces a connection that is dead", async () => {
  const consoles = await testConsoles();
  const old = await consoles.vm().begin();
  const next = await consoles.vm().begin();
  await old.untilClosed();
  const viewer = await consoles.view("vm-01");
  await next.print("next");
  await viewer.until(() => viewer.output === "next");
  assert.equal(viewer.status.connected, true);
});

test("from an allowed host a VM is taken by its UUID, never by its name, and never in place of another", async () => {
  const consoles = await testConsoles({ allowedHosts: ["127.0.0.0/8"] });
  const plain = { serviceUri: "anything" };
  const vm = consoles.vm(plain);
  await vm.open();
  await vm.send(vmware(70, "Sanything"));
  await vm.until(() => vm.messages.includes("51"));
  assert.ok(!vm.messages.includes("47"), "WILL-PROXY waits for who it is");
  await vm.answer();
  await vm.until(() => vm.messages.includes("47"));
  const second = consoles.vm(plain);
  await second.open();
  await second.send(vmware(70, "Sanything"));
  await second.answer();
  await second.until(() => second.messages.includes("49"));
  await second.untilClosed();
  assert.equal(vm.isClosed, false);
  const named = consoles.vm({ ...plain, vcUuid: "0".repeat(32), biosUuid: "0".repeat(32), name: "vm-01" });
  await named.open();
  await named.send(vmware(70, "Sanything"));
  await named.answer();
  await named.untilClosed();
  assert.match(consoles.log.at(-1) ?? "", /no BMC serves it/);
});

test("a host that is not allowed is closed at once, token or not", async () => {
  const consoles = await testConsoles({ allowedHosts: ["192.0.2.1", "2001:db8::/32"] });
  const vm = consoles.vm();
  await vm.untilClosed();
  assert.match(consoles.log.at(-1) ?? "", /not among allowed_hosts/);
});

test("a VM that answers no question is taken by its token", async () => {
  const consoles = await testConsoles();
  const vm = consoles.vm();
  await vm.open();
  await vm.send(vmware(70, "Cvbmc:vm-01?token=secret-1"));
  await vm.print("early ");
  await vm.until(() => vm.messages.includes("47"));
  await consoles.until(() => consoles.states.get("vm-01")?.connectedSince !== undefined);
  const viewer = await consoles.view("vm-01");
  await viewer.until(() => viewer.output === "early ");
});

test("a console that is withdrawn ends its streams and its VM's connection", async () => {
  const consoles = await testConsoles();
  const vm = await consoles.vm().begin();
  const viewer = await consoles.view("vm-01");
  consoles.process.withdraw("vm-01");
  await viewer.until(() => viewer.end !== undefined);
  assert.match(viewer.end ?? "", /^withdrawn: vm-01 no longer has a console/);
  await vm.untilClosed();
  await assert.rejects(consoles.view("vm-01"), /vm-01 has no console/);
});
