/** Network serial ports of simulated VMs, at a concentrator of the tests' own that knows no code of ours. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, test } from "node:test";

import { generate } from "selfsigned";

import { type Simulator, startSimulator, usualDevices, type VmDevice } from "../../src/simulator/index.js";
import { patiently } from "../support/patience.js";
import { freeTcpPort } from "../support/ports.js";
import { openSoapCalls, type SoapCalls } from "../support/soapCalls.js";
import { type StandIn, type StandInConnection, startStandIn } from "../support/standInConcentrator.js";

const account = { username: "vbmc", password: "secret" };
const uuid = "01234567-89ab-cdef-fedc-ba9800000000";
const instanceUuid = "52345678-1234-5678-9abc-def012345678";
const serviceUri = "vbmc:vm-01?token=00ff";
const vm = ["VirtualMachine", "vm-101"] as const;

interface Lab {
  readonly simulator: Simulator;
  readonly calls: SoapCalls;
  readonly power: (method: "PowerOffVM_Task" | "PowerOnVM_Task" | "ResetVM_Task") => Promise<void>;
  readonly migrate: (host?: string) => Promise<string>;
  readonly port: () => VmDevice["connectable"];
}

let opened: { readonly close: () => Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(opened.map(({ close }) => close()));
  opened = [];
});

async function open(backing: Readonly<Record<string, string>>): Promise<Lab> {
  const serialPort: VmDevice = {
    type: "VirtualSerialPort",
    key: 9000,
    label: "Serial port 1",
    controllerKey: 400,
    unitNumber: 0,
    backing: { type: "VirtualSerialPortURIBackingInfo", fields: backing },
    connectable: { startConnected: true, allowGuestControl: true, connected: false },
    yieldOnPoll: true,
  };
  const vms = [{ name: "vm-01", uuid, instanceUuid, devices: [...usualDevices, serialPort] }];
  const simulator = await startSimulator({ address: "127.0.0.1", port: 0, tls: true, vms, ...account });
  opened.push(simulator);
  Object.assign(simulator.behaviour, { taskDurationMs: 5, guestBootMs: 60, serialRetryMs: 20, guestShutdownMs: 50 });
  const calls = await openSoapCalls(simulator.url, account);
  return {
    simulator,
    calls,
    power: async (method) => assert.match(await calls.task(method, vm), />success</),
    migrate: (host = "host-11") =>
      calls.task("MigrateVM_Task", vm, `<host type="HostSystem">${host}</host><priority>defaultPriority</priority>`),
    port: () =>
      [...simulator.inventory.vms.values()][0]!.devices.find(({ type }) => type === "VirtualSerialPort")?.connectable,
  };
}

async function standIn(...options: Parameters<typeof startStandIn>): Promise<StandIn> {
  const started = await startStandIn(...options);
  opened.push(started);
  return started;
}

async function behindProxy(): Promise<{
  readonly lab: Lab;
  readonly proxy: StandIn;
  readonly first: StandInConnection;
}> {
  const proxy = await standIn();
  const lab = await open({ serviceURI: serviceUri, direction: "server", proxyURI: `telnet://127.0.0.1:${proxy.port}` });
  await lab.power("PowerOnVM_Task");
  return { lab, proxy, first: await proxy.connection(1) };
}

async function logIn(connection: StandInConnection): Promise<void> {
  await connection.untilText("vm-01 login: ");
  connection.type("root\r");
  await connection.untilText("Password: ");
  connection.type("password\r");
  await connection.untilText("root@vm-01:~# ");
}

test("a VM that is switched on dials the concentrator, names itself and its service, and answers what it is asked", async () => {
  const { lab, first } = await behindProxy();
  await first.until(() => first.last(84) !== undefined && first.options.includes("WILL 44"));
  assert.equal(first.options[0], "WILL 37");
  for (const option of ["WILL 0", "WILL 3", "WILL 232", "DO 0", "DO 1", "DO 3"]) {
    assert.ok(first.options.includes(option), first.options.join());
  }
  assert.deepEqual(
    first.suboptions.slice(0, 2).map(({ code }) => code),
    [0, 70],
  );
  assert.equal(first.last(70)?.toString(), `S${serviceUri}`);
  assert.equal(first.last(80)?.toString(), "52 34 56 78 12 34 56 78-9a bc de f0 12 34 56 78");
  assert.equal(first.last(82)?.toString(), "vm-01");
  assert.equal(first.last(84)?.toString(), "01 23 45 67 89 ab cd ef-fe dc ba 98 00 00 00 00");
  assert.deepEqual([lab.port()?.connected, lab.port()?.status], [true, "ok"]);
});

test("nothing comes unless the concentrator begins; its suboptions may come after the VM's", async () => {
  const proxy = await standIn({ isSilent: true });
  const lab = await open({ serviceURI: serviceUri, direction: "client", proxyURI: `telnet://127.0.0.1:${proxy.port}` });
  await lab.calls.call("PowerOnVM_Task", vm);
  const first = await proxy.connection(1);
  await first.until(() => first.options.length > 0);
  assert.deepEqual([first.options, first.suboptions], [["WILL 37"], []]);
  first.socket.write(Buffer.from("fffde8", "hex"));
  await first.until(() => first.last(70) !== undefined);
  assert.equal(first.last(70)?.toString(), `C${serviceUri}`);
});

test("in the order that VMware documents, the VM offers the extension and tells its suboptions first", async () => {
  const proxy = await standIn({ isSilent: true });
  const lab = await open({ serviceURI: serviceUri, direction: "server", proxyURI: `telnet://127.0.0.1:${proxy.port}` });
  lab.simulator.behaviour.serialOrder = "documented";
  await lab.calls.call("PowerOnVM_Task", vm);
  const first = await proxy.connection(1);
  await first.until(() => first.options.length > 0);
  assert.deepEqual(first.options, ["WILL 232"]);
  first.socket.write(Buffer.from("fffde8", "hex"));
  await first.until(() => first.suboptions.length > 0);
  first.suboption(1, first.last(0));
  await first.until(() => first.last(70) !== undefined);
  await first.untilText("login: ");
  assert.deepEqual(
    [first.options, first.suboptions.map(({ code }) => code)],
    [
      ["WILL 232", "WILL 44"],
      [0, 70, 80, 82, 84],
    ],
  );
});

test("the guest shows its firmware, what it boots from, and a login with echo and a shell", async () => {
  const { first } = await behindProxy();
  await logIn(first);
  assert.match(first.text(), /VMware BIOS .*2 CPUs, 4096 MB.*Booting from hard disk.*Linux version.*login: root\r\n/s);
  assert.ok(!first.text().includes("password"), "a password is not echoed");
  first.type("uname -a\r");
  await first.untilText(/uname -a\r\nLinux vm-01 6\.1\.0\S+ #1 .*GNU\/Linux\r\nroot@vm-01:~# $/);
  first.type("echho\x7f\x7f\x7fho x\r\n");
  await first.untilText(/\r\nx\r\nroot@vm-01:~# $/);
  first.type("cat /etc/hostname\r");
  await first.untilText(/hostname\r\nvm-01\r\n/);
  first.type("nonsense\r");
  await first.untilText("nonsense: command not found");
});

test("every byte arrives as it is, FF and NUL too, however the pieces are cut", async () => {
  const { first } = await behindProxy();
  await logIn(first);
  const before = first.data().length;
  const command = "dd if=/dev/urandom bs=1k count=64\r";
  first.type(command);
  await first.untilText("65536 bytes copied");
  const sent = first
    .data()
    .subarray(before + command.length + 1)
    .subarray(0, 65_536);
  // xorshift32 from 1, reckoned here by itself.
  let state = 1;
  for (let at = 0; at < sent.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    assert.equal(sent[at], state & 0xff, `byte ${at}`);
  }
});

test("a guest that floods loses nothing, stops while the port is not read, and hears ^C", async () => {
  const { first } = await behindProxy();
  await logIn(first);
  first.type("seq 1 200000\r");
  await first.untilText("\r\n1000\r\n");
  await first.untilText(/200000\r\nroot@vm-01:~# $/);
  const numbers = first.text().match(/^\d+(?=\r$)/gm) ?? [];
  assert.equal(numbers.length, 200_000);
  assert.ok(numbers.every((number, index) => Number(number) === index + 1));
  const text = "x".repeat(100);
  first.type(`yes ${text}\r`);
  await first.untilText(`\r\n${text}\r\n${text}`);
  first.socket.pause();
  // A flood that does not stop is some 50 MB in so many turns; the kernel's buffers hold less than 16.
  const before = first.data().length;
  for (let turn = 0; turn < 500; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  first.type("\x03");
  first.socket.resume();
  await first.until(() => first.data().subarray(-20).toString().endsWith("^C\r\nroot@vm-01:~# "));
  const written = first.data().length - before;
  assert.ok(written < 16 * 1024 * 1024, `${written} bytes`);
});

test("reset and reboot keep the connection; off ends it, and the next power-on dials again", async () => {
  const { lab, proxy, first } = await behindProxy();
  const boots = (): number => first.text().split("VMware BIOS").length - 1;
  await first.untilText("login: ");
  await lab.power("ResetVM_Task");
  await first.until(() => boots() === 2 && first.text().endsWith("login: "));
  first.type("root\rpassword\r");
  await first.untilText("root@vm-01:~# ");
  first.type("reboot\r");
  await first.untilText("reboot: Restarting system");
  await first.until(() => boots() === 3 && first.text().endsWith("login: "));
  assert.equal(proxy.connections.length, 1);
  await lab.power("PowerOffVM_Task");
  await first.until(first.isClosed);
  assert.equal(lab.port()?.connected, false);
  await lab.power("PowerOnVM_Task");
  const second = await proxy.connection(2);
  await second.untilText("login: ");
});

test("poweroff in the guest, and a soft shutdown, are seen on the console and switch the VM off", async () => {
  const { lab, proxy, first } = await behindProxy();
  await logIn(first);
  first.type("poweroff\r");
  await first.untilText("reboot: Power down");
  await first.until(first.isClosed);
  await lab.power("PowerOnVM_Task");
  const second = await proxy.connection(2);
  await second.untilText("login: ");
  await lab.calls.call("ShutdownGuest", vm);
  await second.untilText("reboot: Power down");
  await second.until(second.isClosed);
});

test("a diagnostic interrupt is a kernel panic, after which only a reset helps", async () => {
  const { lab, first } = await behindProxy();
  await logIn(first);
  await lab.calls.call("SendNMI", vm);
  await first.untilText("---[ end Kernel panic - not syncing: NMI: Not continuing ]---");
  const before = first.text();
  first.type("help\r");
  await lab.power("ResetVM_Task");
  await first.until(() => first.text().endsWith("login: "));
  assert.ok(first.text().slice(before.length).startsWith("\r\nVMware BIOS"));
});

test("a break makes the next key a SysRq command", async () => {
  const { first } = await behindProxy();
  await logIn(first);
  first.socket.write(Buffer.from("fff3", "hex"));
  first.type("h");
  await first.untilText("sysrq: HELP");
  first.socket.write(Buffer.from("fff3", "hex"));
  first.type("c");
  await first.untilText("Kernel panic - not syncing: sysrq triggered crash");
});

test("vMotion: BEGIN, GOAHEAD, a second connection with the secret, COMPLETE, and the first one ends", async () => {
  const { lab, proxy, first } = await behindProxy();
  await logIn(first);
  first.type("yes\r");
  await first.untilText("\r\ny\r\n");
  assert.match(await lab.migrate(), />success</);
  const second = await proxy.connection(2);
  const sequence = first.last(40);
  assert.equal(sequence?.length, 4);
  assert.deepEqual(second.last(44), Buffer.concat([sequence, Buffer.from("ff00ff11", "hex")]));
  assert.equal(second.last(70), undefined, "a destination does not ask to be proxied");
  await second.until(() => second.last(46) !== undefined);
  assert.deepEqual(second.last(46), sequence);
  await first.until(first.isClosed);
  second.type("\x03");
  await second.untilText(/\^C\r\nroot@vm-01:~# $/);
  // What came over both, one after the other, has no hole.
  const between = `${first.text()}${second.text()}`.split("yes\r\n")[1]!.split("^C")[0]!;
  assert.match(between, /^(y\r\n)+$/);
  assert.match(await lab.migrate("host-9"), />success</, "and back again");
  assert.ok((await proxy.connection(3)).last(44));
});

test("a vMotion that the concentrator refuses, or does not acknowledge, fails, and the console goes on", async () => {
  const { lab, proxy, first } = await behindProxy();
  await logIn(first);
  lab.simulator.behaviour.vmotionTimeoutMs = 100;
  const refusals: readonly (readonly [
    (connection: StandInConnection, code: number, bytes: Buffer) => boolean,
    RegExp,
  ])[] = [
    [(_connection, code) => code === 40, /did not acknowledge within the allowed time/],
    [(connection, code, bytes) => code === 40 && (connection.suboption(43, bytes), true), /not now/],
    [(connection, code) => code === 40 && (connection.suboption(3, Buffer.of(40)), true), /knows no vMotion/],
    [(connection, code) => code === 44 && (connection.suboption(3, Buffer.of(44)), true), /does not know/],
    [(connection, code) => code === 44 && (connection.socket.destroy(), true), /closed the connection/],
  ];
  for (const [refuse, reason] of refusals) {
    proxy.answer = (connection, { code, bytes }) => refuse(connection, code, bytes);
    const info = await lab.migrate();
    assert.match(info, />error<\/state>/);
    assert.match(info, reason);
    first.type("echo still here\r");
    await first.untilText(/still here\r\nroot@vm-01:~# $/);
  }
  assert.ok(first.last(48), "the source was told that it is called off");
  proxy.answer = () => false;
  assert.match(await lab.migrate(), />success</);
});

test("telnets: TLS from the first byte, and only with the certificate that the address names", async () => {
  const { private: key, cert } = await generate([{ name: "commonName", value: "concentrator" }], { keyType: "ec" });
  const { X509Certificate } = await import("node:crypto");
  const thumbprint = new X509Certificate(cert).fingerprint;
  const proxy = await standIn({ tls: { key, cert } });
  const address = `telnets://127.0.0.1:${proxy.port}`;
  const right = await open({
    serviceURI: serviceUri,
    direction: "server",
    proxyURI: `${address}#thumbprint=${thumbprint}`,
  });
  await right.power("PowerOnVM_Task");
  await (await proxy.connection(1)).untilText("login: ");
  const wrong = await open({
    serviceURI: serviceUri,
    direction: "server",
    proxyURI: `${address}#thumbprint=${thumbprint.replace(/^../, "00")}&verify`,
  });
  wrong.simulator.behaviour.serialRetryMs = Infinity;
  await wrong.power("PowerOnVM_Task");
  await patiently(untilStatus(wrong, "recoverableError"), () => JSON.stringify(wrong.port()));
  assert.equal(wrong.port()?.connected, false);
  assert.ok(!proxy.connections.slice(1).some((connection) => connection.suboptions.length > 0));
});

function untilStatus(lab: Lab, status: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (lab.port()?.status === status) {
        stop();
        resolve();
      }
    };
    const stop = lab.simulator.inventory.objects.onChange(look);
    look();
  });
}

test("a concentrator that is down is dialled again; without retries only disconnecting and connecting helps", async () => {
  const port = await freeTcpPort();
  const lab = await open({ serviceURI: serviceUri, direction: "server", proxyURI: `telnet://127.0.0.1:${port}` });
  await lab.power("PowerOnVM_Task");
  await untilStatus(lab, "recoverableError");
  const proxy = await standIn({ port });
  const first = await proxy.connection(1);
  await first.until(() => first.last(70) !== undefined);
  await untilStatus(lab, "ok");
  lab.simulator.behaviour.serialRetryMs = Infinity;
  first.socket.destroy();
  await untilStatus(lab, "recoverableError");
  assert.equal(lab.port()?.connected, false);
  const edit =
    `<spec><deviceChange><operation>edit</operation><device xsi:type="VirtualSerialPort"><key>9000</key>` +
    `<connectable><startConnected>true</startConnected><allowGuestControl>true</allowGuestControl>` +
    `<connected>true</connected></connectable></device></deviceChange></spec>`;
  assert.match(await lab.calls.task("ReconfigVM_Task", vm, edit), />success</);
  const second = await proxy.connection(2);
  await second.until(() => second.last(70) !== undefined);
  await untilStatus(lab, "ok");
  assert.match(await lab.calls.task("ReconfigVM_Task", vm, edit), />success</);
  await second.until(second.isClosed);
  const third = await proxy.connection(3);
  await third.until(() => third.last(70) !== undefined);
});

test("a concentrator that does not take the VM (WONT-PROXY) gets no byte of its guest", async () => {
  const proxy = await standIn();
  proxy.answer = (connection, { code }) => code === 70 && (connection.suboption(73), true);
  const lab = await open({ serviceURI: serviceUri, direction: "server", proxyURI: `telnet://127.0.0.1:${proxy.port}` });
  lab.simulator.behaviour.serialRetryMs = Infinity;
  await lab.power("PowerOnVM_Task");
  const first = await proxy.connection(1);
  await first.until(first.isClosed);
  assert.equal(first.text(), "");
  assert.equal(lab.port()?.connected, false);
});

test("no licence and a closed firewall keep the port from the network; a wrong address shows at the power-on only", async () => {
  const proxy = await standIn();
  const lab = await open({ serviceURI: serviceUri, direction: "server", proxyURI: `telnet://127.0.0.1:${proxy.port}` });
  lab.simulator.behaviour.serialLicence = false;
  await lab.power("PowerOnVM_Task");
  assert.deepEqual([lab.port()?.connected, lab.port()?.status], [false, "unrecoverableError"]);
  await lab.power("PowerOffVM_Task");
  lab.simulator.behaviour.serialLicence = true;
  lab.simulator.behaviour.firewallRuleSets = new Set();
  await lab.power("PowerOnVM_Task");
  await untilStatus(lab, "recoverableError");
  assert.equal(proxy.connections.length, 0);
  const wrong = await open({ serviceURI: "tcp://5000", direction: "client" });
  await wrong.power("PowerOnVM_Task");
  await untilStatus(wrong, "unrecoverableError");
  assert.equal(wrong.port()?.connected, false);
});

function read(socket: Socket, expected: RegExp): Promise<string> {
  let text = "";
  return patiently(
    new Promise<string>((resolve) => {
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString("latin1");
        if (expected.test(text)) {
          resolve(text);
        }
      });
    }),
    () => text,
  );
}

test("without a concentrator: the host waits for one connection, raw or telnet, and such a VM cannot be moved", async () => {
  const port = await freeTcpPort();
  const lab = await open({ serviceURI: `tcp://:${port}`, direction: "server" });
  await lab.power("PowerOnVM_Task");
  const socket = connect(port, "127.0.0.1");
  opened.push({ close: () => Promise.resolve(socket.destroy()) });
  await once(socket, "connect");
  socket.write("\r");
  await read(socket, /login: $/);
  const refused = connect(port, "127.0.0.1");
  await once(refused, "close");
  const info = await lab.migrate();
  assert.match(info, /CannotAccessVmDevice/);
  assert.match(info, /Currently connected device 'Serial port 1' uses backing 'tcp:\/\/:\d+', which is not accessible/);
});

test("without a concentrator: the VM connects, at the power-on and again when the connection is lost", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      return Promise.resolve(server.close());
    },
  });
  const { port } = server.address() as { port: number };
  const lab = await open({ serviceURI: `tcp://127.0.0.1:${port}`, direction: "client" });
  await lab.power("PowerOnVM_Task");
  await patiently(read(sockets[0]!, /login: $/), () => "no login");
  const again = once(server, "connection");
  sockets[0]!.destroy();
  const [second] = (await patiently(again, () => "no second connection")) as [Socket];
  second.write("\r");
  await read(second, /login: $/);
});

test("EFI firmware writes to the serial port only where the advanced option asks for it", async () => {
  const { lab, first } = await behindProxy();
  const machine = [...lab.simulator.inventory.vms.values()][0]!;
  await first.untilText("login: ");
  machine.firmware = "efi";
  await lab.power("ResetVM_Task");
  await first.untilText(/Booting from hard disk[^]*Booting from hard disk[^]*login: $/);
  assert.ok(!first.text().includes("EFI"));
  machine.extraConfig = { "efi.serialconsole.enabled": "TRUE" };
  await lab.power("ResetVM_Task");
  await first.untilText("VMware EFI firmware");
});

test("the firmware setup waits for Esc, and the console tells what is started: network, CD with its name, nothing", async () => {
  const { lab, proxy, first } = await behindProxy();
  await first.untilText("login: ");
  await lab.power("PowerOffVM_Task");
  const machine = [...lab.simulator.inventory.vms.values()][0]!;
  machine.bootOptions = {
    enterBiosSetup: true,
    bootOrder: [{ type: "VirtualMachineBootOptionsBootableEthernetDevice", deviceKey: 4000 }],
  };
  await lab.power("PowerOnVM_Task");
  const second = await proxy.connection(2);
  await second.untilText("Press Esc to leave it");
  assert.ok(!second.text().includes("Booting"));
  second.type("\x1b");
  await second.untilText(/Booting from network: adapter 00:50:56:.*login: $/s);
  machine.bootOptions = { enterBiosSetup: false, bootOrder: [] };
  machine.hasSystemOnDisk = false;
  machine.devices = machine.devices.filter(({ type }) => !/Vmxnet|E1000/.test(type));
  await lab.power("ResetVM_Task");
  await second.untilText("Operating System not found");
});
