import assert from "node:assert/strict";
import { test } from "node:test";

import { type StandInVm, vmware } from "../../support/standInVm.js";
import { type TestConsoles, testConsoles } from "../../support/testConsoles.js";

const sequence = Buffer.from("0000ff07", "hex");

/** Sends VMOTION-BEGIN; the secret out of GOAHEAD. */
async function beginMove(vm: StandInVm): Promise<Buffer> {
  const before = vm.messages.length;
  const goAhead = (): string | undefined => vm.messages.slice(before).find((each) => each.startsWith("29"));
  await vm.send(vmware(40, sequence));
  await vm.until(() => goAhead() !== undefined);
  assert.equal(goAhead()?.slice(2, 10), sequence.toString("hex"));
  const secret = Buffer.from(goAhead()!.slice(10), "hex");
  assert.ok(secret.length >= 4 && secret.length <= 8);
  return secret;
}

async function connectPeer(consoles: TestConsoles, secret: Buffer, isEncrypted = false): Promise<StandInVm> {
  const peer = consoles.vm({ isEncrypted });
  await peer.open();
  await peer.send(vmware(44, Buffer.concat([sequence, secret])));
  return peer;
}

for (const isEncrypted of [false, true]) {
  test(`a vMotion moves the console without a lost byte, ${isEncrypted ? "with TLS" : "in clear text"}`, async () => {
    const consoles = await testConsoles();
    const source = await consoles.vm({ isEncrypted }).begin();
    const viewer = await consoles.view("vm-01");
    await source.print("before ");
    viewer.stream.write(Buffer.from("one "));
    await source.untilTyped("one ");
    const secret = await beginMove(source);
    viewer.stream.write(Buffer.from("two "));
    const peer = await connectPeer(consoles, secret, isEncrypted);
    await peer.until(() => peer.messages.includes(`2d${sequence.toString("hex")}`));
    await source.print("last ");
    assert.equal(source.serial.toString(), "one ", "from GOAHEAD on input waits");
    await peer.send(Buffer.concat([vmware(46, sequence), Buffer.from("after")]));
    await peer.untilTyped("two ");
    await source.untilClosed();
    await viewer.until(() => viewer.output.endsWith("after"));
    assert.equal(viewer.output, "before last after");
    viewer.stream.write(Buffer.from("three"));
    await peer.untilTyped("two three");
    assert.equal(source.serial.toString(), "one ");
    assert.equal(viewer.status.connected, true);
    assert.ok(consoles.events.includes("vm-01: the VM's serial port moved to 127.0.0.1 with the VM"));
    assert.ok(!consoles.events.some((event) => event.includes("closed its serial port")));
    assert.match(await beginMove(peer).then((next) => next.toString("hex")), /^[0-9a-f]{16}$/, "it can move again");
  });
}

test("a vMotion that is called off goes on at the source, and its secret is worth nothing", async () => {
  const consoles = await testConsoles();
  const source = await consoles.vm().begin();
  const viewer = await consoles.view("vm-01");
  const secret = await beginMove(source);
  viewer.stream.write(Buffer.from("waits"));
  const peer = await connectPeer(consoles, secret);
  await peer.until(() => peer.messages.includes(`2d${sequence.toString("hex")}`));
  await peer.send(vmware(48));
  await source.send(Buffer.concat([vmware(48), Buffer.from("still here")]));
  await source.untilTyped("waits");
  await viewer.until(() => viewer.output === "still here");
  await peer.untilClosed();
  const late = await connectPeer(consoles, secret);
  await late.until(() => late.messages.includes("032c"));
  await late.send(vmware(46, sequence));
  const next = await beginMove(source);
  const third = await connectPeer(consoles, next);
  await third.until(() => third.messages.includes(`2d${sequence.toString("hex")}`));
  await third.send(vmware(46, sequence));
  await third.print("moved");
  await viewer.until(() => viewer.output.endsWith("moved"));
});

test("a wrong secret is never taken, and takes nothing from the source", async () => {
  const consoles = await testConsoles();
  const source = await consoles.vm().begin();
  const viewer = await consoles.view("vm-01");
  const secret = await beginMove(source);
  secret[0] = secret[0]! ^ 1;
  const thief = await connectPeer(consoles, secret);
  await thief.until(() => thief.messages.includes("032c"));
  await thief.send(Buffer.concat([vmware(46, sequence), Buffer.from("mine")]));
  await source.send(vmware(48));
  await source.print("ours");
  await viewer.until(() => viewer.output.length > 0);
  assert.equal(viewer.output, "ours");
  assert.ok(!thief.messages.some((each) => each.startsWith("2d")));
});

test("the source may be gone when the destination goes on; without either, the port is disconnected", async () => {
  const consoles = await testConsoles();
  const viewer = await consoles.view("vm-01");
  const source = await consoles.vm().begin();
  await viewer.until(() => viewer.status.connected);
  const peer = await connectPeer(consoles, await beginMove(source));
  await peer.until(() => peer.messages.includes(`2d${sequence.toString("hex")}`));
  source.socket.end();
  await source.untilClosed();
  await peer.send(Buffer.concat([vmware(46, sequence), Buffer.from("alone")]));
  await viewer.until(() => viewer.output === "alone");
  assert.equal(viewer.status.connected, true);

  const last = await connectPeer(consoles, await beginMove(peer));
  await last.until(() => last.messages.includes(`2d${sequence.toString("hex")}`));
  peer.socket.end();
  await peer.untilClosed();
  last.socket.end();
  await viewer.until(() => !viewer.status.connected);
});

test("who is not known yet cannot begin a vMotion", async () => {
  const consoles = await testConsoles();
  const vm = consoles.vm();
  await vm.open();
  await vm.send(vmware(40, sequence));
  await vm.until(() => vm.messages.includes(`2b${sequence.toString("hex")}`));
});
