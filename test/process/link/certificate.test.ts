/** Which certificates are trusted, and that no one else gets a single byte of the protocol. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect as connectTcp } from "node:net";
import path from "node:path";
import { afterEach, test } from "node:test";
import { createServer } from "node:tls";

import { generate } from "selfsigned";

import { text } from "../../../src/simulator/value.js";
import { isState, linksOfThisFile, startLink } from "../../support/servedLink.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

const open = linksOfThisFile();

/** A server with a certificate of its own that counts what it is sent. */
async function startImpostor() {
  const { private: key, cert } = await generate([{ name: "commonName", value: "impostor" }], {
    keyType: "ec",
    algorithm: "sha256",
  });
  const seen = { connections: 0, bytes: 0 };
  const server = createServer({ key, cert }, (socket) => {
    socket.on("data", (data: Buffer) => (seen.bytes += data.length));
    socket.on("error", () => undefined);
  });
  server.on("connection", () => seen.connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    server.close();
    await once(server, "close");
  });
  return { seen, viserver: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("the certificate seen first is remembered; another one gets no byte, until vbmc trust accepts it", async () => {
  const served = await open();
  await served.serve("vm-01");
  const trustFile = path.join(served.directory, "certificate");
  const remembered = await readFile(trustFile, "utf8");
  assert.equal(remembered, `${served.simulator.fingerprint ?? ""}\n`);
  await served.stopLink();

  const { seen, viserver } = await startImpostor();
  const next = await startLink({ after: served, configuration: { viserver } });
  closing.push(next.stopLink);
  const refused = JSON.stringify(await next.until(isState("reconnecting")));
  assert.match(
    refused,
    /has changed since the first login; no password was sent\. It is now SHA-256 ([0-9A-F]{2}:){31}/,
  );
  assert.match(refused, /accept it with vbmc trust NAME/);
  assert.ok(seen.connections > 0);
  assert.equal(seen.bytes, 0);

  const wrong = await next.link.ask({ name: "trust", fingerprint: remembered.trim() }, 5_000);
  assert.ok(!wrong.ok && /shows another certificate/.test(wrong.message));
  assert.deepEqual([await readFile(trustFile, "utf8"), seen.bytes], [remembered, 0]);
  const accepted = await next.link.ask({ name: "trust" }, 5_000);
  assert.ok(accepted.ok && "trusted" in accepted && accepted.former === remembered.trim());
  assert.equal(await readFile(trustFile, "utf8"), `${accepted.trusted}\n`);
});

test("a damaged memory of the certificate is reported as that, sends no password, and is mended by vbmc trust", async () => {
  const served = await open();
  await served.stopLink();
  const logins = served.calls("Login");
  await writeFile(path.join(served.directory, "certificate"), "\0\0\0\n");
  const next = await startLink({ after: served });
  closing.push(next.stopLink);
  const refused = JSON.stringify(await next.until(isState("reconnecting")));
  assert.match(refused, /certificate should contain the fingerprint of the certificate seen first, but does not/);
  assert.equal(served.calls("Login"), logins);
  const answer = await next.link.ask({ name: "diagnose", machines: [{ vmName: "vm-01" }] }, 5_000);
  const steps = answer.ok && "diagnoses" in answer ? answer.diagnoses[0]?.steps : undefined;
  assert.match(steps?.find(({ status }) => status === "failed")?.detail ?? "", /with vbmc trust NAME$/);
  const accepted = await next.link.ask({ name: "trust" }, 5_000);
  assert.ok(accepted.ok && "trusted" in accepted && accepted.former === undefined);
  await next.serve("vm-01");
});

test("a folder where the memory of the certificate belongs is set aside by vbmc trust", async () => {
  const served = await open();
  await served.stopLink();
  const trustFile = path.join(served.directory, "certificate");
  await rm(trustFile, { force: true });
  await mkdir(trustFile);
  const next = await startLink({ after: served });
  closing.push(next.stopLink);
  const refused = JSON.stringify(await next.until(isState("reconnecting")));
  assert.match(refused, /certificate: it is a folder, not a file: accept the current one with vbmc trust NAME/);
  const accepted = await next.link.ask({ name: "trust" }, 5_000);
  assert.ok(accepted.ok && "trusted" in accepted, JSON.stringify(accepted));
  assert.equal(await readFile(trustFile, "utf8"), `${accepted.trusted}\n`);
  await next.serve("vm-01");
});

test("a pinned fingerprint: the right one serves, in any spelling; with a wrong one no byte is sent", async () => {
  const first = await open();
  const { fingerprint = "" } = first.simulator;
  for (const thumbprint of [fingerprint, fingerprint.replaceAll(":", "").toLowerCase()]) {
    const next = await startLink({ after: first, configuration: { tls: { thumbprint } } });
    await next.serve("vm-01");
    await next.stopLink();
  }
  const { seen, viserver } = await startImpostor();
  const impostor = await startLink({ after: first, configuration: { viserver, tls: { thumbprint: fingerprint } } });
  closing.push(impostor.stopLink);
  assert.match(
    JSON.stringify(await impostor.until(isState("reconnecting"))),
    /is not the one that viserver_thumbprint pins/,
  );
  assert.equal(seen.bytes, 0);
  const answer = await impostor.link.ask({ name: "trust" }, 5_000);
  assert.ok(!answer.ok && /configured by viserver_thumbprint/.test(answer.message));
});

test("with viserver_cafile, what no authority has signed gets no byte, remembered or not", async () => {
  const served = await open();
  const { seen, viserver } = await startImpostor();
  const { cert } = await generate([{ name: "commonName", value: "another authority" }], {
    keyType: "ec",
    algorithm: "sha256",
  });
  const caFile = path.join(served.directory, "ca.pem");
  await writeFile(caFile, cert);
  const next = await startLink({ after: served, configuration: { viserver, tls: { caFile } } });
  closing.push(next.stopLink);
  assert.match(
    JSON.stringify(await next.until(isState("reconnecting"))),
    /is not signed by an authority in viserver_cafile/,
  );
  assert.equal(seen.bytes, 0);
});

test("a viserver_cafile that cannot be used is named, and the message does not blame the network", async () => {
  const served = await open();
  await served.stopLink();
  const fileOf = (name: string): string => path.join(served.directory, name);
  await writeFile(fileOf("text"), "no certificate");
  await mkdir(fileOf("folder"));
  for (const [name, reason] of [
    ["text", "contains no certificate in PEM form"],
    ["folder", "cannot be read: it is a folder, not a file"],
    ["missing", "cannot be read: no such file or folder"],
  ] as const) {
    const next = await startLink({ after: served, configuration: { tls: { caFile: fileOf(name) } } });
    closing.push(next.stopLink);
    const told = `viserver_cafile ${fileOf(name)} ${reason}`;
    assert.ok(JSON.stringify(await next.until(isState("reconnecting"))).includes(told));
    const answer = await next.link.ask({ name: "diagnose", machines: [{ vmName: "vm-01" }] }, 5_000);
    const steps = answer.ok && "diagnoses" in answer ? answer.diagnoses[0]?.steps : undefined;
    assert.deepEqual(
      steps?.find(({ status }) => status === "failed"),
      {
        step: "certificate",
        status: "failed",
        detail: `${told}: give a readable PEM file with vbmc set --viserver-cafile …`,
      },
    );
  }
});

/** A simulator's certificate for the addresses, by an authority of its own. */
async function writeVouchedCertificate(directory: string, address: string): Promise<string> {
  const authority = await generate([{ name: "commonName", value: "lab authority" }], {
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "lab vCenter" }], {
    algorithm: "sha256",
    ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: address }] }],
  });
  await writeFile(path.join(directory, "simulator.pem"), `${server.private}\n${server.cert}`);
  const caFile = path.join(directory, "ca.pem");
  await writeFile(caFile, authority.cert);
  return caFile;
}

test("what an authority in viserver_cafile has signed needs no pin; for another name it gets no login", async () => {
  for (const [address, isRight] of [
    ["127.0.0.1", true],
    ["127.0.0.2", false],
  ] as const) {
    const stateDirectory = temporaryFolder();
    const caFile = await writeVouchedCertificate(stateDirectory, address);
    const served = await open({ simulator: { stateDirectory }, configuration: { tls: { caFile } } });
    if (isRight) {
      await served.serve("vm-01");
    } else {
      const refused = JSON.stringify(await served.until(isState("reconnecting")));
      assert.match(refused, /the certificate of 127\.0\.0\.1 is for another name; no password was sent/);
      assert.equal(served.calls("RetrieveServiceContent"), 0);
    }
  }
});

test("a host with a certificate other than the one that vCenter knows gets no ticket for a diagnostic interrupt", async () => {
  const served = await open();
  await served.serve("vm-01");
  const { seen, viserver } = await startImpostor();
  served.simulator.inventory.objects.add({
    reference: { type: "HostSystem", id: "host-9" },
    properties: () => ({ name: text(viserver) }),
  });
  served.simulator.rules.add({ method: "SendNMI", misbehaviour: { kind: "fault", type: "NotSupported" } });
  const machine = served.machine("vm-01");
  await machine.power("on");
  await assert.rejects(machine.diagnosticInterrupt(), {
    kind: "unavailable",
    message: /shows a certificate other than the one that vCenter knows/,
  });
  assert.equal(served.calls("AcquireGenericServiceTicket"), 1);
  assert.ok(seen.connections > 0);
  assert.deepEqual([seen.bytes, served.vm("vm-01").nmiCount], [0, 0]);
});

test("viserver_insecure takes any certificate and remembers none", async () => {
  const served = await open({ configuration: { tls: { insecure: true } } });
  await served.serve("vm-01");
});

test("a server that accepts connections and says nothing is given up in some seconds", async () => {
  const { createServer: createTcpServer } = await import("node:net");
  const silent = createTcpServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  closing.push(() => Promise.resolve(silent.close()));
  const viserver = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const served = await open({ configuration: { viserver } });
  assert.match(
    JSON.stringify(await served.until(isState("reconnecting"))),
    /did not complete the TLS handshake within \d+ ms/,
  );
});

test("a server that accepts no connection is reported as unreachable, not for its TLS", async () => {
  // The kernel answers no more connections once a few wait for a process that is stopped.
  const program = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
    console.log(this.address().port);
  })`;
  const deaf = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  closing.push(() => Promise.resolve(deaf.kill("SIGKILL")));
  const [line] = (await once(deaf.stdout, "data")) as [Buffer];
  const port = Number(line.toString());
  deaf.kill("SIGSTOP");
  const waiting = Array.from({ length: 8 }, () => connectTcp(port, "127.0.0.1").on("error", () => undefined));
  closing.push(() => Promise.resolve(waiting.map((socket) => socket.destroy())));
  await once(waiting[0]!, "connect");
  const served = await open({ configuration: { viserver: `127.0.0.1:${port}` } });
  const state = JSON.stringify(await served.until(isState("reconnecting")));
  assert.match(state, new RegExp(`cannot reach 127\\.0\\.0\\.1 port ${port}: no answer within \\d+ ms`));
});
