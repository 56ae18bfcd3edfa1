/** Addresses as users of the original write them: host names, and other spellings (issue I4). */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { freeTcpPort, freeUdpPort } from "../support/ports.js";
import { type Outcome } from "../support/programs.js";
import { type Daemon, startDaemon } from "../support/stack.js";

const silence: Outcome = { code: 0, stdout: "", stderr: "" };
let daemon: Daemon;

before(async () => {
  daemon = await startDaemon();
});
after(() => daemon.close());

function fileOf(name: string): string {
  return path.join(daemon.home, ".vbmc", name, "config");
}

test("a host name is resolved at the start; list and the file keep it", async () => {
  const port = String(await freeUdpPort());
  assert.deepEqual(await daemon.vbmc("add", "named", "--address", "localhost", "--port", `+${port}`), silence);
  assert.deepEqual(await daemon.vbmc("start", "named"), silence);
  const { stdout } = await daemon.vbmc("list", "-f", "value");
  assert.equal(stdout, `named running localhost ${port}\n`);
  assert.match(readFileSync(fileOf("named"), "utf8"), /^address = localhost$/m);
  const check = await daemon.vbmc("check", "named", "-f", "value", "-c", "Step", "-c", "Detail");
  assert.match(check.stdout, new RegExp(`^IPMI login logged in as admin at 127\\.0\\.0\\.1 port ${port} `, "m"));
});

test("a name that cannot be resolved is reported when it is added, and when it is started", async () => {
  const told = /cannot resolve host name bmc01\.invalid: \w+, .*\n$/;
  const port = String(await freeUdpPort());
  const added = await daemon.vbmc("add", "unknown", "--address", "bmc01.invalid", "--port", port);
  assert.equal(added.code, 0);
  assert.match(added.stderr, new RegExp(`^warning: ${told.source}`));
  const started = await daemon.vbmc("start", "unknown");
  assert.equal(started.code, 1);
  assert.match(
    started.stderr,
    new RegExp(`^\\(1\\): unknown does not listen on bmc01\\.invalid port ${port}: ${told.source}`),
  );
  assert.match((await daemon.vbmc("list", "-f", "value")).stdout, /^unknown error bmc01\.invalid /m);
  // The next try sees what has changed.
  writeFileSync(fileOf("unknown"), readFileSync(fileOf("unknown"), "utf8").replace("bmc01.invalid", "0x7f.1"));
  assert.deepEqual(await daemon.vbmc("start", "unknown"), silence);
});

test("a Redfish port is one of TCP: it conflicts with other Redfish ports, whatever the spelling, and with no UDP port", async () => {
  const [port, other, redfish] = [await freeUdpPort(), await freeUdpPort(), await freeTcpPort()].map(String);
  assert.ok(port !== undefined && other !== undefined && redfish !== undefined);
  const add = (name: string, address: string, udpPort: string, tcpPort: string) =>
    daemon.vbmc("add", name, "--address", address, "--port", udpPort, "--redfish-port", tcpPort);
  assert.deepEqual(await add("web-1", "127.0.0.1", port, redfish), silence);
  assert.deepEqual(await add("web-2", "127.1", other, redfish), {
    code: 1,
    stdout: "",
    stderr: `(1): Address 127.1 Redfish port ${redfish} is already configured for web-1, as 127.0.0.1\n`,
  });
  // UDP port and TCP port of the same number are two.
  assert.deepEqual(await add("web-2", "127.0.0.1", redfish, port), silence);
  const set = await daemon.vbmc("set", "web-2", "--address", "0", "--redfish-port", redfish);
  assert.match(set.stderr, /Redfish port \d+ conflicts with address 127\.0\.0\.1 of web-1/);
});

test("a conflict is seen whatever the spelling", async () => {
  const port = String(await freeUdpPort());
  assert.equal((await daemon.vbmc("add", "first", "--address", "127.0.0.1", "--port", port)).code, 0);
  for (const address of ["127.1", "0x7f000001", "::ffff:127.0.0.1", "::FFFF:7F00:1", "localhost", "LOCALHOST"]) {
    const { code, stderr } = await daemon.vbmc("add", "second", "--address", address, "--port", port);
    const expected = `(1): Address ${address} port ${port} is already configured for first, as 127.0.0.1\n`;
    assert.deepEqual([code, stderr], [1, expected]);
  }
  for (const address of ["0", "0:0:0:0:0:0:0:0"]) {
    const { code, stderr } = await daemon.vbmc("add", "second", "--address", address, "--port", port);
    assert.equal(code, 1);
    assert.match(stderr, /conflicts with address 127\.0\.0\.1 of first/);
  }
});
