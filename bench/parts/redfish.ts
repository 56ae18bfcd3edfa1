/** Redfish of one BMC: requests per second, latency and memory. */
import { makeSelfSigned } from "../../src/process/daemon/selfSigned.js";
import { ask } from "../../test/support/httpsClient.js";
import { startHttps } from "../floors/floors.js";
import { SessionConsole } from "../load/console.js";
import { type HttpsResult, openHttpsConsole, startHttpsLoad } from "../load/httpsLoad.js";
import { atLeast, atMost, type Part, type Row } from "../part.js";
import { cpuSeconds, pssMegabytes, titleOf } from "../processes.js";
import { allKnowPower, callsOf, setStage, type Stage } from "../stage.js";
import { median, repeat, timed } from "../statistics.js";
import { measureListeners } from "./redfishListeners.js";

const seconds = 2;
const rounds = 3;
const systemPath = "/redfish/v1/Systems/1";
/** For which memory is watched, and before it begins. */
const manyRequests = 100_000;
const warmSeconds = 4;

export const redfish: Part = {
  name: "redfish",
  about: "a System over Redfish beside a bare HTTPS server, power actions, event listeners, memory",
  run: async () => {
    const stage = await setStage({ bmcs: 1, redfish: true });
    const load = startHttpsLoad();
    try {
      await allKnowPower(stage);
      const port = stage.ports[0]!;
      const token = await logIn(port);
      const bmc = stage.processes().find((pid) => titleOf(pid).startsWith("vbmc: "))!;
      const request = requestOf("GET", systemPath, token);
      const { headers, body } = await ask({ port, path: systemPath, headers: { "X-Auth-Token": token } });
      const { certificate: cert, key } = await makeSelfSigned(["127.0.0.1"]);
      const fixed = Object.fromEntries(
        Object.entries(headers).filter(([name]) => !["date", "connection", "keep-alive"].includes(name)),
      ) as Record<string, string>;
      const floor = await startHttps({ cert, key, headers: fixed, body });
      const callsBefore = callsOf(stage) - callsOf(stage, "WaitForUpdatesEx");
      const of = async (pid: number, target: number, clients: number) => {
        const cpuBefore = cpuSeconds([pid]);
        const result = await load.run({ port: target, request, clients, seconds });
        return { ...result, cpuMicroseconds: ((cpuSeconds([pid]) - cpuBefore) / result.count) * 1e6 };
      };
      const measured = await repeat(rounds, async () => ({
        one: await of(bmc, port, 1),
        floorOne: await of(floor.pid, floor.port, 1),
        many: await of(bmc, port, 16),
        floorMany: await of(floor.pid, floor.port, 16),
      }));
      await floor.close();
      const calls = callsOf(stage) - callsOf(stage, "WaitForUpdatesEx") - callsBefore;
      return [
        ...throughput(measured),
        { what: "GET of a System: SOAP calls meanwhile", value: calls, unit: "", goal: atMost(0) },
        ...(await powerActions(stage, port, token)),
        ...(await measureListeners(port, bmc, (method, uri, body) => requestOf(method, uri, token, body))),
        ...(await memory(load, bmc, port, request)),
      ];
    } finally {
      load.close();
      await stage.close();
    }
  },
};

type Measured = HttpsResult & { readonly cpuMicroseconds: number };
type Round = Readonly<Record<"one" | "floorOne" | "many" | "floorMany", Measured>>;

function throughput(measured: readonly Round[]): Row[] {
  const of = (pick: (round: Round) => number): number => median(measured.map(pick));
  const rate = ({ count, seconds: taken }: HttpsResult): number => count / taken;
  const busy = Math.round(of(({ many }) => many.busy) * 100);
  return [
    {
      what: "GET of a System in a session, p50",
      value: of(({ one }) => one.p50),
      unit: "ms",
      floor: of(({ floorOne }) => floorOne.p50),
      note: "floor: node:https with the same bytes",
    },
    {
      what: "GET of a System, 1 client: share of the floor",
      value: of(({ one, floorOne }) => rate(one) / rate(floorOne)),
      unit: "",
      goal: atLeast(0.7),
      note: `${Math.round(of(({ one }) => rate(one)))} /s`,
    },
    {
      what: "GET of a System, 16 clients: share of the floor",
      value: of(({ many, floorMany }) => rate(many) / rate(floorMany)),
      unit: "",
      goal: atLeast(0.7),
      note: `${Math.round(of(({ many }) => rate(many)))} /s; load client ${busy} % busy`,
    },
    {
      what: "GET of a System: CPU time of the BMC",
      value: of(({ many }) => many.cpuMicroseconds),
      unit: "µs",
      floor: of(({ floorMany }) => floorMany.cpuMicroseconds),
    },
  ];
}

/** ForceOff and On by turns, over Redfish and over IPMI. */
async function powerActions(stage: Stage, port: number, token: string): Promise<Row[]> {
  const client = await openHttpsConsole(port);
  const ipmi = await SessionConsole.open({ port }, 5_000);
  const actions = await repeat(10, async (index) => {
    const body = JSON.stringify({ ResetType: index % 2 === 0 ? "ForceOff" : "On" });
    const reset = requestOf("POST", `${systemPath}/Actions/ComputerSystem.Reset`, token, body);
    const overRedfish = await timed(() => client.ask(reset));
    const overIpmi = await timed(() => ipmi.request(0x00, 0x02, [index % 2 === 0 ? 1 : 0]));
    return { overRedfish, overIpmi };
  });
  client.close();
  await ipmi.close();
  return [
    {
      what: "a power action over Redfish, to the answer",
      value: median(actions.map(({ overRedfish }) => overRedfish)),
      unit: "ms",
      floor: median(actions.map(({ overIpmi }) => overIpmi)),
      note: `median of ${actions.length}; floor: over IPMI, ${stage.vmNames.length} BMC`,
    },
  ];
}

async function memory(
  load: ReturnType<typeof startHttpsLoad>,
  bmc: number,
  port: number,
  request: string,
): Promise<Row[]> {
  await load.run({ port, request, clients: 16, seconds: warmSeconds });
  const before = pssMegabytes([bmc]);
  let count = 0;
  while (count < manyRequests) {
    count += (await load.run({ port, request, clients: 16, seconds })).count;
  }
  const after = pssMegabytes([bmc]);
  return [
    { what: "PSS of a BMC's process after some seconds of requests", value: before, unit: "MB" },
    {
      what: `what ${manyRequests.toLocaleString("en-US")} more requests add`,
      value: after - before,
      unit: "MB",
      goal: atMost(2),
    },
  ];
}

async function logIn(port: number): Promise<string> {
  const json = { UserName: "admin", Password: "password" };
  const { status, headers } = await ask({ port, path: "/redfish/v1/SessionService/Sessions", method: "POST", json });
  if (status !== 201) {
    throw new Error(`no session: ${status}`);
  }
  return String(headers["x-auth-token"]);
}

function requestOf(method: string, uri: string, token: string, body = ""): string {
  const content = body === "" ? "" : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return `${method} ${uri} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-Token: ${token}\r\n${content}\r\n${body}`;
}
