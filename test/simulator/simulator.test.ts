import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";

import { movedOrCopied, type Simulator, startSimulator } from "../../src/simulator/index.js";
import { buildWithGovmomi, govmomiPeer } from "../support/govmomi.js";
import { until } from "../support/patience.js";
import { peer } from "../support/peer.js";
import { run } from "../support/programs.js";
import { removeFolder } from "../support/temporaryFolder.js";
import { hasPyvmomi, openWitness } from "../support/witness.js";

const account = { username: "user", password: "pass" };
let simulator: Simulator;

before(async () => {
  simulator = await startSimulator({ address: "127.0.0.1", port: 0, vms: 3, tls: true, ...account });
});
after(() => simulator.close());
afterEach(() => {
  simulator.rules.clear();
  simulator.sessions.expireAll();
});

interface SoapAnswer {
  readonly status: number | undefined;
  readonly cookie: string | undefined;
  readonly body: string;
}

function soap(body: string, cookie?: string): Promise<SoapAnswer> {
  const envelope =
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<s:Body>${body}</s:Body></s:Envelope>`;
  return new Promise((resolve, reject) => {
    const options = {
      method: "POST",
      rejectUnauthorized: false,
      agent: false as const,
      headers: cookie === undefined ? {} : { Cookie: cookie },
    };
    const post = request(simulator.url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          cookie: response.headers["set-cookie"]?.[0]?.split(";")[0],
          body: text,
        }),
      );
    });
    post.on("error", reject);
    post.end(envelope);
  });
}

const call = (method: string, target: string, id: string, args = ""): string =>
  `<${method} xmlns="urn:vim25"><_this type="${target}">${id}</_this>${args}</${method}>`;

async function logIn(): Promise<string> {
  const args = "<userName>user</userName><password>pass</password>";
  const { cookie } = await soap(call("Login", "SessionManager", "SessionManager", args));
  assert.ok(cookie);
  return cookie;
}

const vm = (): string => [...simulator.inventory.vms.keys()][0]!;

/** Runs a task to its end and gives its info. */
async function finish(cookie: string, started: SoapAnswer): Promise<string> {
  const id = /<returnval type="Task"[^>]*>([^<]+)</.exec(started.body)?.[1];
  assert.ok(id, started.body);
  return until("the task ends", async () => {
    const { body } = await soap(call("Fetch", "Task", id, "<prop>info</prop>"), cookie);
    return />(success|error)<\/state>/.test(body) && body;
  });
}

describe("other people's clients", () => {
  test(
    "pyVmomi reads si.content and what is behind it",
    { skip: peer("python3-pyvmomi", hasPyvmomi).skip },
    async () => {
      const script = [
        "import ssl, sys",
        "from pyVim.connect import SmartConnect, Disconnect",
        "host, port, user, pwd = sys.argv[1:]",
        "context = ssl._create_unverified_context()",
        "si = SmartConnect(host=host, port=int(port), user=user, pwd=pwd, sslContext=context)",
        "session = si.content.sessionManager.currentSession",
        "print(si.content.about.apiType, si.content.rootFolder.childEntity[0].name, session.userName)",
        "Disconnect(si)",
      ];
      const { hostname, port } = new URL(simulator.url);
      const at = [hostname, port, account.username, account.password];
      const { stdout, stderr } = await run("/usr/bin/python3", ["-W", "ignore", "-c", script.join("\n"), ...at]);
      assert.deepEqual([stdout, stderr], ["VirtualCenter DC0 user\n", ""]);
    },
  );

  test("a connection that is kept has no time limit: pyVmomi does not open another one", async () => {
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
    const post = request(simulator.url, { method: "POST", agent });
    post.end();
    const [response] = (await once(post, "response")) as [IncomingMessage];
    response.resume();
    assert.deepEqual([response.headers.connection, response.headers["keep-alive"]], ["keep-alive", undefined]);
    agent.destroy();
  });

  test(
    "pyVmomi logs in, finds, reads, switches power",
    { skip: peer("python3-pyvmomi", hasPyvmomi).skip },
    async () => {
      const witness = await openWitness(simulator.url, account.username, account.password);
      assert.deepEqual(await witness.names(), ["vm-01", "vm-02", "vm-03"]);
      await witness.change("vm-02", "PowerOn");
      assert.equal((await witness.look("vm-02")).powerState, "poweredOn");
      await assert.rejects(witness.change("vm-02", "PowerOn"), /InvalidPowerState/);
      await witness.close();
    },
  );

  test(
    "govmomi logs in, finds by name and UUID, switches power, waits for updates",
    { skip: govmomiPeer.skip },
    async () => {
      const url = new URL(simulator.url);
      url.username = account.username;
      url.password = account.password;
      const env = { ...process.env, VSPHERE_URL: url.href };
      const outcome = await run(buildWithGovmomi("test/govmomi/main.go"), ["vm-03"], { env });
      assert.deepEqual(outcome, { code: 0, stdout: "poweredOff\npoweredOn\ntrue\n", stderr: "" });
    },
  );
});

describe("as strict as vCenter", () => {
  test("nothing but RetrieveServiceContent and Login works without a session", async () => {
    const { status, body } = await soap(call("CurrentTime", "ServiceInstance", "ServiceInstance"));
    assert.equal(status, 500);
    assert.match(body, /xsi:type="NotAuthenticated"/);
    assert.equal((await soap(call("RetrieveServiceContent", "ServiceInstance", "ServiceInstance"))).status, 200);
  });

  test("a wrong password, and a login with a live session, are InvalidLogin", async () => {
    const args = "<userName>user</userName><password>wrong</password>";
    assert.match((await soap(call("Login", "SessionManager", "SessionManager", args))).body, /InvalidLogin/);
    const cookie = await logIn();
    const right = "<userName>user</userName><password>pass</password>";
    assert.match((await soap(call("Login", "SessionManager", "SessionManager", right), cookie)).body, /InvalidLogin/);
  });

  test("the cookie's quotes are part of its value", async () =>
    assert.match(await logIn(), /^vmware_soap_session="[0-9a-f]+"$/));

  test("elements out of order and unknown ones are refused", async () => {
    const cookie = await logIn();
    const reconfigure = (spec: string): Promise<SoapAnswer> =>
      soap(call("ReconfigVM_Task", "VirtualMachine", vm(), `<spec>${spec}</spec>`), cookie);
    assert.match((await reconfigure("<bootOptions/><name>x</name>")).body, /out of order/);
    assert.match((await reconfigure("<bogus/>")).body, /Unexpected element/);
    const wrong = "<bootOptions><bootOrder/><enterBIOSSetup>true</enterBIOSSetup></bootOptions>";
    assert.match((await reconfigure(wrong)).body, /out of order/);
  });

  test("a reconfiguration that fails changes nothing; fields that are left out stay", async () => {
    const cookie = await logIn();
    const reconfigure = async (spec: string): Promise<string> =>
      finish(cookie, await soap(call("ReconfigVM_Task", "VirtualMachine", vm(), `<spec>${spec}</spec>`), cookie));
    const machine = simulator.inventory.vms.get(vm())!;
    const disk =
      '<bootOrder xsi:type="VirtualMachineBootOptionsBootableDiskDevice"><deviceKey>2001</deviceKey></bootOrder>';
    assert.match(await reconfigure(`<bootOptions>${disk}</bootOptions>`), />success</);
    assert.match(await reconfigure("<bootOptions><enterBIOSSetup>true</enterBIOSSetup></bootOptions>"), />success</);
    assert.deepEqual(machine.bootOptions, {
      enterBiosSetup: true,
      bootOrder: [{ type: "VirtualMachineBootOptionsBootableDiskDevice", deviceKey: 2001 }],
    });
    const unknown = disk.replace("2001", "9999");
    const failed = await reconfigure(`<name>other</name><bootOptions>${unknown}</bootOptions>`);
    assert.match(failed, /InvalidDeviceSpec/);
    assert.equal(machine.name, "vm-01");
    assert.match(await reconfigure("<name>vm-02</name>"), /DuplicateName/);
    await reconfigure('<bootOptions><bootOrder xsi:type="VirtualMachineBootOptionsBootableDevice"/></bootOptions>');
    assert.deepEqual(machine.bootOptions.bootOrder, []);
  });

  test("a second task for a VM at work is TaskInProgress; power in the wrong state fails in the task", async () => {
    const cookie = await logIn();
    const power = (method: string): Promise<SoapAnswer> => soap(call(method, "VirtualMachine", vm()), cookie);
    const [first, second] = await Promise.all([power("PowerOnVM_Task"), power("PowerOnVM_Task")]);
    assert.equal([first, second].filter(({ body }) => body.includes("TaskInProgress")).length, 1);
    await finish(cookie, first.status === 200 ? first : second);
    const again = await finish(cookie, await power("PowerOnVM_Task"));
    assert.match(again, /InvalidPowerState/);
    assert.match(again, /existingState[^>]*>poweredOn</);
    await finish(cookie, await power("PowerOffVM_Task"));
  });

  test("ShutdownGuest without Tools is ToolsUnavailable", async () => {
    const cookie = await logIn();
    const machine = simulator.inventory.vms.get(vm())!;
    machine.toolsRunning = false;
    await finish(cookie, await soap(call("PowerOnVM_Task", "VirtualMachine", vm()), cookie));
    assert.match((await soap(call("ShutdownGuest", "VirtualMachine", vm()), cookie)).body, /ToolsUnavailable/);
    await finish(cookie, await soap(call("PowerOffVM_Task", "VirtualMachine", vm()), cookie));
    machine.toolsRunning = true;
  });

  test("a boot order beyond the limits is taken, and the guest does not boot with it", async () => {
    const cookie = await logIn();
    const machine = simulator.inventory.vms.get(vm())!;
    const disk = { type: "VirtualMachineBootOptionsBootableDiskDevice", deviceKey: 2000 };
    const runs = async (disks: number): Promise<boolean> => {
      machine.bootOptions = { enterBiosSetup: false, bootOrder: Array.from({ length: disks }, () => disk) };
      await finish(cookie, await soap(call("PowerOnVM_Task", "VirtualMachine", vm()), cookie));
      const { body } = await soap(call("Fetch", "VirtualMachine", vm(), "<prop>guest</prop>"), cookie);
      await finish(cookie, await soap(call("PowerOffVM_Task", "VirtualMachine", vm()), cookie));
      return body.includes(">guestToolsRunning<");
    };
    assert.deepEqual([await runs(8), await runs(9)], [true, false]);
    machine.bootOptions = { enterBiosSetup: false, bootOrder: [] };
  });

  test("a vMotion changes the host and begins the uptime again; the boot time stays, also with a reset", async () => {
    const cookie = await logIn();
    const machine = simulator.inventory.vms.get(vm())!;
    const perform = async (method: string, args = ""): Promise<string> =>
      finish(cookie, await soap(call(method, "VirtualMachine", vm(), args), cookie));
    await perform("PowerOnVM_Task");
    const bootTime = new Date(Date.now() - 3_600_000);
    Object.assign(machine, { bootTime, runsSince: bootTime });
    const look = async (): Promise<(string | undefined)[]> => {
      const { body } = await soap(call("Fetch", "VirtualMachine", vm(), "<prop>summary</prop>"), cookie);
      return [/<host[^>]*>([^<]+)</, /<uptimeSeconds[^>]*>(\d+)</, /<bootTime[^>]*>([^<]+)</].map(
        (field) => field.exec(body)?.[1],
      );
    };
    assert.deepEqual(await look(), ["host-9", "3600", bootTime.toISOString()]);
    const host = '<host type="HostSystem">host-11</host><priority>defaultPriority</priority>';
    assert.match(await perform("MigrateVM_Task", host), />success</);
    assert.deepEqual(await look(), ["host-11", "0", bootTime.toISOString()]);
    assert.match(await perform("ResetVM_Task"), />success</);
    assert.deepEqual(machine.bootTime, bootTime);
    await perform("PowerOffVM_Task");
  });

  test("a question holds the power-on up; it is answered once, by one of its choices", async () => {
    const cookie = await logIn();
    const machine = simulator.inventory.vms.get(vm())!;
    machine.nextQuestion = movedOrCopied;
    const started = await soap(call("PowerOnVM_Task", "VirtualMachine", vm()), cookie);
    const fetch = call("Fetch", "VirtualMachine", vm(), "<prop>runtime</prop>");
    const id = await until(
      "the question",
      async () => /<question[^>]*><id[^>]*>([^<]+)</.exec((await soap(fetch, cookie)).body)?.[1],
    );
    const answer = (questionId: string, choice: string): Promise<SoapAnswer> => {
      const args = `<questionId>${questionId}</questionId><answerChoice>${choice}</answerChoice>`;
      return soap(call("AnswerVM", "VirtualMachine", vm(), args), cookie);
    };
    assert.match((await soap(call("PowerOffVM_Task", "VirtualMachine", vm()), cookie)).body, /TaskInProgress/);
    assert.match((await answer("other", "2")).body, /InvalidArgument/);
    assert.match((await answer(id, "9")).body, /InvalidArgument/);
    assert.equal((await answer(id, "2")).status, 200);
    assert.match(await finish(cookie, started), />success</);
    assert.match((await answer(id, "2")).body, /InvalidArgument/);
    assert.doesNotMatch((await soap(fetch, cookie)).body, /<question/);
    await finish(cookie, await soap(call("PowerOffVM_Task", "VirtualMachine", vm()), cookie));
  });

  test("names hold / \\ and % escaped", async () => {
    const added = simulator.inventory.addVm({ name: "a/b\\c%d" });
    const cookie = await logIn();
    const { body } = await soap(call("Fetch", "VirtualMachine", added.id, "<prop>name</prop>"), cookie);
    assert.match(body, />a%2fb%5cc%25d</);
    simulator.inventory.removeVm(added.id);
  });

  test("beyond the session limit a login is answered with HTTP 503", async () => {
    simulator.behaviour.sessionLimit = 1;
    await logIn();
    const args = "<userName>user</userName><password>pass</password>";
    assert.equal((await soap(call("Login", "SessionManager", "SessionManager", args))).status, 503);
    simulator.behaviour.sessionLimit = 2_000;
  });

  test("the vm-support page wants a ticket of its own, once", async () => {
    const cookie = await logIn();
    const machine = simulator.inventory.vms.get(vm())!;
    const file = `ds:///vmfs/volumes/simulated/${vm()}/${vm()}.vmx`;
    const query = new URLSearchParams({ manifests: "HungVM:Send_NMI_To_Guest", vm: file }).toString();
    const url = `${new URL(simulator.url).origin}/cgi-bin/vm-support.cgi?${query}`;
    const spec = `<spec xsi:type="SessionManagerHttpServiceRequestSpec"><method>httpGet</method><url>${url.replaceAll("&", "&amp;")}</url></spec>`;
    const ticket = await soap(call("AcquireGenericServiceTicket", "SessionManager", "SessionManager", spec), cookie);
    const id = /<id[^>]*>([^<]+)</.exec(ticket.body)?.[1];
    const get = (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const options = {
          rejectUnauthorized: false,
          agent: false as const,
          headers: { Cookie: `vmware_cgi_ticket=${id ?? ""}` },
        };
        request(url, options, (response) => {
          response.resume().on("end", () => resolve(response.statusCode));
        })
          .on("error", reject)
          .end();
      });
    const before = machine.nmiCount;
    assert.equal(await get(), 200);
    assert.equal(machine.nmiCount, before + 1);
    assert.equal(await get(), 401);
  });
});

describe("misbehaviour on demand", () => {
  const currentTime = call("CurrentTime", "ServiceInstance", "ServiceInstance");

  test("a fault, for as many calls as the rule says", async () => {
    const cookie = await logIn();
    simulator.rules.add({ method: "CurrentTime", times: 1, misbehaviour: { kind: "fault", type: "HostNotConnected" } });
    assert.match((await soap(currentTime, cookie)).body, /HostNotConnected/);
    assert.equal((await soap(currentTime, cookie)).status, 200);
  });

  test("HTTP 503 with a page, and an empty 200", async () => {
    const cookie = await logIn();
    simulator.rules.add({ times: 1, misbehaviour: { kind: "unavailable" } });
    assert.deepEqual((await soap(currentTime, cookie)).status, 503);
    simulator.rules.add({ times: 1, misbehaviour: { kind: "empty" } });
    assert.deepEqual((await soap(currentTime, cookie)).body, "");
  });

  test("a connection that is reset", async () => {
    simulator.rules.add({ times: 1, misbehaviour: { kind: "reset" } });
    await assert.rejects(soap(currentTime), /ECONNRESET|socket hang up/);
  });

  test("another xsi prefix, and text around the body", async () => {
    const cookie = await logIn();
    Object.assign(simulator.behaviour, { xsiPrefix: "q1", padding: "\n" });
    assert.match((await soap(currentTime, cookie)).body, /\n<soapenv:Body>\n.* q1:type="xsd:dateTime"/s);
    Object.assign(simulator.behaviour, { xsiPrefix: "xsi", padding: "" });
  });
});

test("the certificate is made once and kept, readable by its owner only", async () => {
  const stateDirectory = await mkdtemp(path.join(tmpdir(), "vbmc-simulator-"));
  const options = { address: "127.0.0.1", port: 0, vms: 1, tls: true, stateDirectory, ...account };
  const first = await startSimulator(options);
  await first.close();
  const second = await startSimulator(options);
  await second.close();
  assert.equal(first.fingerprint, second.fingerprint);
  assert.equal((await stat(path.join(stateDirectory, "simulator.pem"))).mode & 0o777, 0o600);
  await removeFolder(stateDirectory);
});

test("an ESXi host has references of its own", async () => {
  const esxi = await startSimulator({ address: "127.0.0.1", port: 0, vms: 1, tls: false, esxi: true, ...account });
  const answer = await fetch(esxi.url, {
    method: "POST",
    body: `<Envelope><Body>${call("RetrieveServiceContent", "ServiceInstance", "ServiceInstance")}</Body></Envelope>`,
  });
  const body = await answer.text();
  assert.match(body, /ha-sessionmgr/);
  assert.match(body, /HostAgent/);
  await esxi.close();
});

test("VMs without VMware Tools are had on request, and a name that is none is refused", async () => {
  const options = { address: "127.0.0.1", port: 0, vms: 2, tls: false, ...account };
  const own = await startSimulator({ ...options, withoutTools: ["vm-02"] });
  assert.deepEqual(
    [...own.inventory.vms.values()].map(({ toolsRunning }) => toolsRunning),
    [true, false],
  );
  await own.close();
  await assert.rejects(startSimulator({ ...options, withoutTools: ["vm-03"] }), /no VM vm-03/);
});
