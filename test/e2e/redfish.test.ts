/** Redfish beside IPMI on one BMC, by real clients on real sockets: what is set over one is seen over the other. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { after, before, describe, test } from "node:test";

import { makeSelfSigned } from "../../src/process/daemon/selfSigned.js";
import { ask, type HttpsAnswer, type HttpsQuestion } from "../support/httpsClient.js";
import { until } from "../support/patience.js";
import { peer } from "../support/peer.js";
import { freeTcpPort } from "../support/ports.js";
import { isCommand, type Outcome, run } from "../support/programs.js";
import { registry } from "../support/redfishSchemas.js";
import { daemonPid } from "../support/stack.js";
import { startTwoBmcs, type TwoBmcs } from "../support/twoBmcs.js";
import { hasPyvmomi, openWitness, type Witness } from "../support/witness.js";

const peers = [
  peer("ipmitool", () => isCommand("ipmitool")),
  peer("curl", () => isCommand("curl")),
  peer("redfishtool", () => isCommand("redfishtool")),
  peer("python3-pyvmomi", hasPyvmomi),
];
const skip = peers.map((each) => each.skip).find((reason) => reason !== false) ?? false;
const systemPath = "/redfish/v1/Systems/1";
const silence: Outcome = { code: 0, stdout: "", stderr: "" };

describe("a BMC that serves Redfish", { skip }, () => {
  let bmcs: TwoBmcs;
  let witness: Witness;
  let port: number;
  let authority: string;

  before(async () => {
    bmcs = await startTwoBmcs();
    witness = await openWitness(bmcs.simulator.url, "lab", "vsphere");
    port = await freeTcpPort();
    assert.deepEqual(await bmcs.daemon.vbmc("set", "lab-01", "--redfish-port", String(port)), silence);
    authority = path.join(bmcs.daemon.home, ".vbmc/.redfish-certificate.pem");
  });
  after(async () => {
    await witness.close();
    await bmcs.close();
  });

  const get = (uri: string, question: Partial<HttpsQuestion> = {}): Promise<HttpsAnswer> =>
    ask({ port, path: uri, auth: "admin:password", ...question });
  const post = (uri: string, json: unknown): Promise<HttpsAnswer> => get(uri, { method: "POST", json });
  const patch = (uri: string, json: unknown): Promise<HttpsAnswer> => get(uri, { method: "PATCH", json });
  const read = async (uri: string): Promise<Record<string, never>> =>
    JSON.parse((await get(uri)).body) as Record<string, never>;
  const boot = async (): Promise<string> => {
    const { Boot = {} } = (await read(systemPath)) as { readonly Boot?: Readonly<Record<string, unknown>> };
    return `${String(Boot["BootSourceOverrideTarget"])} ${String(Boot["BootSourceOverrideEnabled"])}`;
  };
  const ipmitool = async (command: string): Promise<string> => {
    const line = ["ipmitool", "-I", "lanplus", "-H", "127.0.0.1", "-p", "PORT", "-U", "admin", "-P", "password"];
    const { code, stdout, stderr } = await bmcs.sh([...line, ...command.split(" ")]);
    assert.equal(code, 0, `${command}: ${stderr}`);
    return stdout;
  };
  const redfishtool = async (command: string): Promise<Outcome> =>
    bmcs.sh([
      "redfishtool",
      "-S",
      "Always",
      "-r",
      `127.0.0.1:${port}`,
      "-u",
      "admin",
      "-p",
      "password",
      ...command.split(" "),
    ]);

  test("curl trusts the certificate by its file, logs in with a session, switches the VM and logs out", async () => {
    const curl = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run("curl", ["-sS", "--fail", "--cacert", authority, ...args], {});
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const url = `https://127.0.0.1:${port}/redfish/v1`;
    const credentials = '{"UserName":"admin","Password":"password"}';
    const json = "Content-Type: application/json";
    const headers = await curl("-i", "-H", json, "-d", credentials, `${url}/SessionService/Sessions`);
    const [, token = ""] = /^X-Auth-Token: (\S+)/im.exec(headers) ?? [];
    const [, location = ""] = /^Location: (\S+)/im.exec(headers) ?? [];
    const authenticated = ["-H", `X-Auth-Token: ${token}`];
    assert.match(await curl(...authenticated, `${url}/Systems/1`), /"PowerState":"Off"/);
    const reset = ["-H", json, "-d", '{"ResetType":"On"}', `${url}/Systems/1/Actions/ComputerSystem.Reset`];
    await curl(...authenticated, ...reset);
    assert.equal((await witness.look("lab-01")).powerState, "poweredOn");
    await curl(...authenticated, "-X", "DELETE", `https://127.0.0.1:${port}${location}`);
    assert.equal((await get(systemPath, { headers: { "X-Auth-Token": token }, auth: "" })).status, 401);
    assert.match((await curl("--head", url)).toLowerCase(), /^http\/1\.1 200[^]*content-length: [1-9]/);
  });

  test("redfishtool shows the system, resets it and sets its boot device", async () => {
    const shown = await redfishtool("Systems -1 get");
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /"PowerState": "On"/);
    assert.deepEqual((await redfishtool("-A Session Systems -1 reset ForceOff")).code, 0);
    assert.equal((await witness.look("lab-01")).powerState, "poweredOff");
    assert.deepEqual((await redfishtool("Systems -1 setBootOverride Once Pxe")).code, 0);
    assert.equal((await witness.look("lab-01")).bootOrder[0], "ethernet");
  });

  test("a boot device set over one protocol is seen over the other, and spent by a start over either", async () => {
    const set = (target: string): Promise<HttpsAnswer> =>
      patch(systemPath, { Boot: { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: "Once" } });
    await ipmitool("power off");
    assert.equal((await set("Cd")).status, 200);
    assert.match(await ipmitool("chassis bootparam get 5"), /Force Boot from CD\/DVD/);
    assert.equal(await boot(), "Cd Once");
    await ipmitool("power on");
    assert.equal(await boot(), "None Disabled");
    assert.match(await ipmitool("chassis bootparam get 5"), /No override/);
    await ipmitool("chassis bootdev pxe");
    assert.equal(await boot(), "Pxe Once");
    assert.equal((await post(`${systemPath}/Actions/ComputerSystem.Reset`, { ResetType: "ForceRestart" })).status, 204);
    assert.equal(await boot(), "None Disabled");
    assert.match(await ipmitool("chassis bootparam get 5"), /No override/);
    await set("Pxe");
    const graceful = { ResetType: "GracefulRestart" };
    assert.equal((await post(`${systemPath}/Actions/ComputerSystem.Reset`, graceful)).status, 204);
    // The guest takes a moment to restart.
    await until("the override is used up", async () => (await boot()) === "None Disabled");
    await ipmitool("chassis bootdev disk options=persistent");
    assert.equal(await boot(), "Hdd Continuous");
    assert.equal((await set("None")).status, 200);
    assert.equal((await witness.look("lab-01")).bootOrder[0], undefined);
  });

  test("a boot order that someone changes in vSphere is what the system shows", async () => {
    const vm = bmcs.vm("lab-01");
    assert.equal(await boot(), "None Disabled");
    vm.bootOptions.bootOrder = [{ type: "VirtualMachineBootOptionsBootableCdromDevice" }];
    vm.changeVersion++;
    bmcs.simulator.inventory.changed(vm);
    await until("the CD comes first", async () => (await boot()) === "Cd Continuous");
    vm.bootOptions.bootOrder = [];
    vm.changeVersion++;
    bmcs.simulator.inventory.changed(vm);
    await until("nothing comes first", async () => (await boot()) === "None Disabled");
  });

  test("a user made over Redfish logs in over IPMI, and one changed over IPMI is changed over Redfish", async () => {
    const account = { UserName: "op", Password: "0perat0r", RoleId: "Operator" };
    const created = await post("/redfish/v1/AccountService/Accounts", account);
    assert.equal(created.status, 201, created.body);
    const asOperator = "ipmitool -I lanplus -H 127.0.0.1 -p PORT -U op -P 0perat0r -L OPERATOR power status";
    assert.deepEqual(await bmcs.sh(asOperator), { code: 0, stdout: "Chassis Power is on\n", stderr: "" });
    const slot = String(created.headers["location"]).split("/").at(-1);
    await ipmitool(`user set password ${slot ?? ""} an0ther`);
    assert.equal((await get(systemPath, { auth: "op:0perat0r" })).status, 401);
    assert.equal((await get(systemPath, { auth: "op:an0ther" })).status, 200);
    await ipmitool(`user disable ${slot ?? ""}`);
    assert.equal((await get(systemPath, { auth: "op:an0ther" })).status, 401);
    assert.equal((await get(String(created.headers["location"]), { method: "DELETE" })).status, 204);
    assert.doesNotMatch(await ipmitool("user list 1"), /\bop\b/);
  });

  test("a record that IPMI adds to the SEL is an entry of the log, and clearing the log clears the SEL", async () => {
    const entries = `${systemPath}/LogServices/SEL/Entries`;
    await ipmitool("event 1");
    const { Members } = (await read(entries)) as { readonly Members?: readonly Record<string, unknown>[] };
    assert.ok(
      (Members ?? []).some(({ Message }) => /Temperature/.test(String(Message))),
      JSON.stringify(Members),
    );
    assert.equal((await post(`${systemPath}/LogServices/SEL/Actions/LogService.ClearLog`, {})).status, 204);
    assert.match(await ipmitool("sel list"), /Log area reset\/cleared/);
  });

  test("an asset tag is one over DCMI and Redfish", async () => {
    assert.equal((await patch(systemPath, { AssetTag: "rack 7" })).status, 200);
    assert.match(await ipmitool("dcmi asset_tag"), /rack 7/);
    await ipmitool("dcmi set_asset_tag shelf-3");
    assert.equal((await read(systemPath))["AssetTag"], "shelf-3");
  });

  test("who polls a system asks vCenter nothing", async () => {
    await get(systemPath);
    const before = new Map(bmcs.simulator.calls);
    for (let round = 0; round < 20; round++) {
      assert.equal((await get(systemPath)).status, 200);
    }
    const asked = [...bmcs.simulator.calls].filter(([name, count]) => count !== (before.get(name) ?? 0));
    assert.deepEqual(
      asked.filter(([name]) => !name.startsWith("WaitForUpdates")),
      [],
    );
  });

  test("the registry that the messages are of is served as DMTF published it", async () => {
    const { body } = await get("/redfish/v1/Registries/Base.1.22.1/Base.1.22.1.json");
    const { Messages, RegistryVersion } = registry("Base.1.22.1");
    const served = JSON.parse(body) as ReturnType<typeof registry>;
    assert.equal(served["RegistryVersion"], RegistryVersion);
    assert.deepEqual(Object.keys(served.Messages), Object.keys(Messages));
  });

  test("a body that is too large, and one of a stranger, are answered; the connection is closed where it says so", async () => {
    const large = { AssetTag: "x".repeat(70_000) };
    assert.equal((await patch(systemPath, large)).status, 413);
    assert.equal((await get(systemPath, { method: "PATCH", json: large, auth: "admin:wrong" })).status, 401);
    const closing = await get("/redfish/v1/", { headers: { Connection: "close" } });
    assert.equal(closing.headers["connection"], "close");
  });

  test("check logs in over both protocols; show and list --long tell the URL, and show the certificate", async () => {
    const { stdout } = await bmcs.daemon.vbmc("check", "lab-01", "-f", "value", "-c", "Step", "-c", "Status");
    assert.match(stdout, /^IPMI login ok\nRedfish login ok$/m);
    const url = `https://127.0.0.1:${port}/redfish/v1/`;
    const shown = (await bmcs.daemon.vbmc("show", "lab-01", "-f", "value")).stdout;
    const { fingerprint256 } = new X509Certificate(readFileSync(authority));
    assert.ok(shown.includes(`redfish_url ${url}\n`), shown);
    assert.ok(shown.includes(`redfish_fingerprint ${fingerprint256}\n`), shown);
    assert.equal((await get("/redfish/v1/")).fingerprint, fingerprint256);
    const list = await bmcs.daemon.vbmc("list", "--long", "-f", "csv", "-c", "VM name", "-c", "Redfish");
    assert.equal(list.stdout, `"VM name","Redfish"\r\n"lab-01","${url}"\r\n"lab-02",""\r\n`.replaceAll("\r", ""));
    assert.equal(statSync(authority).mode & 0o777, 0o600);
  });

  test("events tell who changed what, without a password; the log holds none either", async () => {
    await patch("/redfish/v1/AccountService/Accounts/2", { Password: "s3cretWord" });
    await get("/redfish/v1/AccountService/Accounts/2", {
      method: "PATCH",
      json: { Password: "password" },
      auth: "admin:s3cretWord",
    });
    const { stdout } = await bmcs.daemon.vbmc("events", "lab-01", "-f", "value", "-c", "User", "-c", "What");
    assert.match(stdout, /^admin Redfish .*Reset ResetType=ForceRestart/m);
    assert.match(stdout, /^admin Redfish ManagerAccount Password \(2 times\)$/m);
    assert.doesNotMatch(stdout, /Session/, "who logs out is of no interest");
    assert.doesNotMatch(stdout + bmcs.daemon.log(), /s3cretWord|BEGIN .*PRIVATE KEY/);
  });

  test("SIGHUP puts a configured certificate in place of the daemon's own, without a restart of the BMC", async () => {
    const { certificate, key } = await makeSelfSigned(["127.0.0.1"]);
    const [certificateFile, keyFile] = ["bmc.pem", "bmc.key"].map((name) => path.join(bmcs.daemon.home, name));
    assert.ok(certificateFile !== undefined && keyFile !== undefined);
    writeFileSync(certificateFile, certificate);
    writeFileSync(keyFile, "no key");
    const configuration = path.join(bmcs.daemon.home, "virtualbmc.conf");
    const text = readFileSync(configuration, "utf8");
    writeFileSync(configuration, `${text}\n[redfish]\ncertificate_file = ${certificateFile}\nkey_file = ${keyFile}\n`);
    const token = String(
      (await post("/redfish/v1/SessionService/Sessions", { UserName: "admin", Password: "password" })).headers[
        "x-auth-token"
      ],
    );
    const pid = await daemonPid(bmcs.daemon);
    process.kill(pid, "SIGHUP");
    await bmcs.daemon.logged(/the Redfish services keep their certificate/);
    assert.equal((await get("/redfish/v1/", { ca: readFileSync(authority, "utf8") })).status, 200);
    writeFileSync(keyFile, key);
    process.kill(pid, "SIGHUP");
    const { fingerprint256 } = new X509Certificate(certificate);
    await bmcs.daemon.logged(fingerprint256);
    const isServed = async (): Promise<boolean> => (await get("/redfish/v1/")).fingerprint === fingerprint256;
    await until("the child has it", isServed);
    assert.equal((await get(systemPath, { auth: "", headers: { "X-Auth-Token": token } })).status, 200);
    assert.match((await bmcs.daemon.vbmc("show", "lab-01")).stdout, new RegExp(fingerprint256));
  });

  test("a Redfish port that is taken is reported like a UDP port that is, and the BMC serves nothing", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const number = typeof address === "object" && address !== null ? address.port : 0;
    const { code, stderr } = await bmcs.daemon.vbmc("set", "lab-02", "--redfish-port", String(number));
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(
        `cannot listen on 127\\.0\\.0\\.1:${number}: EADDRINUSE, .*choose another --redfish-port or --address`,
      ),
    );
    const udp = "ipmitool -I lanplus -H 127.0.0.1 -p PORT2 -U admin -P password -N 1 -R 1 power status";
    assert.notEqual((await bmcs.sh(udp)).code, 0);
    taken.close();
    await once(taken, "close");
    assert.deepEqual(await bmcs.daemon.vbmc("start", "lab-02"), silence);
    assert.equal((await ask({ port: number, path: "/redfish" })).status, 200);
    assert.deepEqual(await bmcs.daemon.vbmc("set", "lab-02", "--redfish-port", ""), silence);
    await assert.rejects(ask({ port: number, path: "/redfish" }), /ECONNREFUSED/);
    assert.equal((await bmcs.sh(udp)).code, 0);
  });

  test("vbmc stop closes the port at once, also while a client keeps a connection open", async () => {
    const waiting = ask({
      port,
      path: systemPath,
      auth: "admin:password",
      method: "PATCH",
      headers: { "Content-Length": "9" },
    });
    const ended = assert.rejects(waiting);
    const begun = performance.now();
    assert.deepEqual(await bmcs.daemon.vbmc("stop", "lab-01"), silence);
    assert.ok(performance.now() - begun < 4_000);
    await ended;
    await assert.rejects(get("/redfish/v1/"), /ECONNREFUSED/);
  });
});
