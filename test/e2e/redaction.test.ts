/** No password that anyone uses is to be seen anywhere but in the files that hold it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { openClientSession } from "../../src/protocol/client/clientSession.js";
import { type Simulator, startSimulator } from "../../src/simulator/index.js";
import { freeUdpPort } from "../support/ports.js";
import { type Daemon, daemonPid, startDaemon } from "../support/stack.js";

/** With characters that are escaped in JSON, XML and URLs. Each is used once, so that a leak tells where it is from. */
const secrets = {
  bmc: `b1"&<\\mc%'`,
  bmcWrong: "wr0ng-bmc-pass",
  bmcTooLong: "t00-long-for-an-ipmi-password",
  bmcRefused: "r3fused-pass",
  kg: "k9-kg-k9-kg-k9",
  byIpmi: "s3t-by-ipmi",
  vsphere: `v5p"h&<e\\re%'`,
  vsphereWrong: "wr0ng-vsphere-pass",
  vsphereHalf: "h4lf-credentials",
  vsphereByEnvironment: "fr0m-environment",
  inFile: "edited-by-h4nd-and-far-too-long",
} as const;

/** The ways in which a secret may be written. */
function forms(secret: string): string[] {
  const xml = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const bytes = Buffer.from(secret);
  const encoded = [bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex"), encodeURIComponent(secret)];
  return [secret, JSON.stringify(secret).slice(1, -1), xml, xml.replaceAll('"', "&quot;"), ...encoded];
}

let daemon: Daemon;
let simulator: Simulator;
const username = "vbmc@vsphere.local";
before(async () => {
  const vms = [{ name: "vm-01" }, { name: "vm-02" }];
  simulator = await startSimulator({
    address: "127.0.0.1",
    port: 0,
    vms,
    tls: true,
    username,
    password: secrets.vsphere,
  });
  // soap's own HTTP client would print every request under it.
  process.env["DEBUG"] = "node-soap";
  daemon = await startDaemon("[log]\ndebug = true\n");
});
after(async () => {
  await daemon.close();
  await simulator.close();
});

/** All that was printed so far. */
const printed: string[] = [];

async function vbmc(code: number, ...args: readonly string[]): Promise<void> {
  const logFile = path.join(daemon.home, "vbmc.log");
  const outcome = await daemon.vbmc("--debug", "-v", "--log-file", logFile, ...args);
  printed.push(outcome.stdout, outcome.stderr);
  assert.equal(outcome.code, code, outcome.stderr);
}

async function add(name: string, code: number, ...options: readonly string[]): Promise<number> {
  const port = await freeUdpPort();
  await vbmc(code, "add", name, "--port", String(port), "--address", "127.0.0.1", ...options);
  return port;
}

const viserver = (): string[] => [
  "--viserver",
  new URL(simulator.url).host,
  "--viserver-username",
  username,
  "--viserver-password",
];

/** Command lines and environments of the daemon and all that it started. */
function processTexts(pid: number): string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return ["cmdline", "environ"]
    .map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8"))
    .concat(...children.map((child) => processTexts(Number(child))));
}

/** Files in HOME that are not there to hold a secret. */
function otherFiles(): string[] {
  const files = readdirSync(daemon.home, { recursive: true, encoding: "utf8" });
  const isForSecrets = /(^|\/)(config|users\.json|\.control-keys\.json)$/;
  return files.filter(
    (file) =>
      // Compiled code that gets its final name now is looked through the next time.
      !isForSecrets.test(file) &&
      !/\.code\.\d+$/.test(file) &&
      statSync(path.join(daemon.home, file), { throwIfNoEntry: false })?.isFile(),
  );
}

test("an end-to-end run with debug logs shows no password, key or cookie, and its files are for their owner only", async () => {
  const port = await add("vm-01", 0, "--password", secrets.bmc, "--kg", secrets.kg, ...viserver(), secrets.vsphere);
  await add("vm-02", 0, ...viserver(), secrets.vsphereWrong);
  await add("half", 1, "--viserver-password", secrets.vsphereHalf);
  await add("long", 1, "--password", secrets.bmcTooLong);
  await add("vm-01", 1, "--password", secrets.bmcRefused);
  Object.assign(daemon.env, { VBMC_VISERVER_PASSWORD: secrets.vsphereByEnvironment });
  await add("environment", 0, ...viserver().slice(0, 4));
  await vbmc(0, "start", "vm-01", "vm-02", "environment");
  await daemon.logged("connected to vCenter");
  await daemon.logged(/login/i);
  assert.doesNotMatch(daemon.log(), /client request|soapenv|soap:Envelope/i);

  const options = {
    host: "127.0.0.1",
    port,
    username: "admin",
    kg: Buffer.alloc(20, 0).fill(secrets.kg, 0, secrets.kg.length),
    timeoutMs: 10_000,
  };
  const session = await openClientSession({ ...options, password: secrets.bmc });
  const codes: number[] = [];
  for (const request of [
    { netFn: 0x00, command: 0x02, data: [1] },
    { netFn: 0x00, command: 0x01 },
    // Set User Password of user 3, 16 bytes (IPMI 2.0 §22.30).
    { netFn: 0x06, command: 0x47, data: [3, 2, ...Buffer.alloc(16).fill(secrets.byIpmi, 0, secrets.byIpmi.length)] },
    // One byte short: refused.
    { netFn: 0x06, command: 0x47, data: [3, 2, ...Buffer.from(secrets.byIpmi)] },
  ]) {
    codes.push((await session.request(request)).completionCode);
  }
  assert.deepEqual(codes, [0x00, 0x00, 0x00, 0xc7]);
  await session.close();
  await assert.rejects(openClientSession({ ...options, password: secrets.bmcWrong }));

  printed.push(...processTexts(await daemonPid(daemon)));
  await vbmc(0, "list");
  await vbmc(0, "show", "vm-01", "--long");
  await vbmc(0, "show", "vm-02", "--long");
  await vbmc(1, "start", "nope");
  const file = path.join(daemon.home, ".vbmc", "vm-01", "config");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^password = .*$/m, `password = ${secrets.inFile}`));
  await daemon.logged("must not be longer than 20 bytes");
  await vbmc(0, "show", "vm-01", "--long");
  await vbmc(1, "start", "vm-01");
  await vbmc(0, "delete", "vm-01", "vm-02", "environment");

  const keys = JSON.parse(readFileSync(path.join(daemon.home, ".vbmc", ".control-keys.json"), "utf8")) as Record<
    "server" | "client",
    { secretKey: string }
  >;
  const all = new Map<string, string>([
    ["what vbmc printed, and what /proc shows", printed.join("\n")],
    ["the daemon's log", daemon.log()],
    ...otherFiles().map((name) => [name, readFileSync(path.join(daemon.home, name), "utf8")] as const),
  ]);
  assert.ok(
    [...all.keys()].some((name) => name.endsWith(".code")),
    "compiled code is among it",
  );
  assert.ok(all.has("vbmc.log") && daemon.log().includes("Chassis Control"), "there is something to look through");
  const hidden = { ...secrets, serverKey: keys.server.secretKey, clientKey: keys.client.secretKey };
  for (const [place, text] of all) {
    for (const [which, secret] of Object.entries(hidden)) {
      const found = forms(secret).find((form) => text.includes(form));
      assert.equal(found, undefined, `${which} is in ${place}`);
    }
    // The program names the cookie, and so does what was compiled of it.
    if (!place.startsWith(".cache/")) {
      assert.doesNotMatch(text, /vmware_soap_session|vim25:session-cookie/i, place);
    }
  }
  for (const name of readdirSync(daemon.home, { recursive: true, encoding: "utf8" })) {
    // A temporary file may have got its final name meanwhile.
    const { mode = 0 } = statSync(path.join(daemon.home, name), { throwIfNoEntry: false }) ?? {};
    if (name !== "virtualbmc.conf") {
      assert.equal(mode & 0o077, 0, `${name} is open to others`);
    }
  }
});
