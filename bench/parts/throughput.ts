/** Requests per second of one BMC in open sessions. */
import { startEcho, startIpmiSim } from "../floors/floors.js";
import { type LoadClient, startLoadClient } from "../load/loadClient.js";
import type { Target } from "../load/messages.js";
import { atLeast, type Part, type Row } from "../part.js";
import { cpuSeconds, titleOf } from "../processes.js";
import { setStage } from "../stage.js";
import { median, repeat } from "../statistics.js";

const seconds = 1.5;
const rounds = 3;
const getDeviceId = { netFn: 0x06, command: 0x01 } as const;
const getChassisStatus = { netFn: 0x00, command: 0x01 } as const;

export const throughput: Part = {
  name: "throughput",
  about: "requests per second of one BMC in open sessions",
  run: async () => {
    const load = startLoadClient();
    const echo = await startEcho();
    const sim = await startIpmiSim();
    const stage = await setStage({ bmcs: 1 });
    try {
      const ours = { port: stage.ports[0]! };
      const bmcPid = stage.processes().find((pid) => titleOf(pid).startsWith("vbmc: "))!;
      const measured = await repeat(rounds, async () => ({
        plainOne: (await load.run({ kind: "plain", port: echo.port, clients: 1, seconds })).p50,
        plainMany: await rate(load, { kind: "plain", port: echo.port, clients: 16, seconds }),
        deviceIdOne: await requests(load, ours, getDeviceId, 1),
        deviceIdMany: await requests(load, ours, getDeviceId, 16),
        deviceIdSha256: await requests(load, { ...ours, suite: 17 }, getDeviceId, 16),
        statusMany: await requests(load, ours, getChassisStatus, 16),
        simOne: sim ? await requests(load, sim, getDeviceId, 1) : undefined,
        simMany: sim ? await requests(load, sim, getDeviceId, 16) : undefined,
        simStatus: sim ? await requests(load, sim, getChassisStatus, 16) : undefined,
        cpu: await microsecondsEach(load, ours, bmcPid),
        simCpu: sim ? await microsecondsEach(load, sim, sim.pid) : undefined,
      }));
      type Round = (typeof measured)[number];
      const of = (pick: (round: Round) => number | undefined): number =>
        median(measured.map((round) => pick(round) ?? NaN));
      const shareOfSim = (ours: (round: Round) => Rate, sims: (round: Round) => Rate | undefined): number =>
        of((round) => ours(round).rate / (sims(round)?.rate ?? NaN));
      const share = (pick: (round: Round) => { rate: number } | undefined): number =>
        of((round) => (pick(round)?.rate ?? NaN) * (round.plainOne / 1_000));
      const busy = (pick: (round: Round) => { busy: number }): string =>
        `load client ${Math.round(of((round) => pick(round).busy) * 100)} % busy`;
      const rows: Row[] = [
        {
          what: "Get Device ID, 16 clients",
          value: of(({ deviceIdMany }) => deviceIdMany.rate),
          unit: "/s",
          floor: of(({ simMany }) => simMany?.rate),
          note: `suite 3; floor: ipmi_sim; ${busy(({ deviceIdMany }) => deviceIdMany)}`,
        },
        {
          what: "… as a share of ipmi_sim's",
          value: shareOfSim(
            ({ deviceIdMany }) => deviceIdMany,
            ({ simMany }) => simMany,
          ),
          unit: "",
          goal: atLeast(1.2),
          note: busy(({ simMany }) => simMany ?? { busy: NaN }),
        },
        {
          what: "Get Device ID, one client, as a share of plain UDP round trips",
          value: share(({ deviceIdOne }) => deviceIdOne),
          unit: "",
          floor: share(({ simOne }) => simOne),
          note: "suite 3; floor: ipmi_sim; plain: Node's UDP echo and the same client",
        },
        {
          what: "Get Device ID, one client, as a share of ipmi_sim's",
          value: shareOfSim(
            ({ deviceIdOne }) => deviceIdOne,
            ({ simOne }) => simOne,
          ),
          unit: "",
          goal: atLeast(0.9),
        },
        {
          what: "Get Device ID, 16 clients, cipher suite 17",
          value: of(({ deviceIdSha256 }) => deviceIdSha256.rate),
          unit: "/s",
          note: busy(({ deviceIdSha256 }) => deviceIdSha256),
        },
        {
          what: "Get Chassis Status, 16 clients",
          value: of(({ statusMany }) => statusMany.rate),
          unit: "/s",
          floor: of(({ simStatus }) => simStatus?.rate),
          note: `suite 3; floor: ipmi_sim, no VM behind it; ${busy(({ statusMany }) => statusMany)}`,
        },
        {
          what: "… as a share of ipmi_sim's",
          value: shareOfSim(
            ({ statusMany }) => statusMany,
            ({ simStatus }) => simStatus,
          ),
          unit: "",
          goal: atLeast(2),
        },
        {
          what: "CPU time of the BMC for each Get Device ID, 16 clients",
          value: of(({ cpu }) => cpu),
          unit: "µs",
          floor: of(({ simCpu }) => simCpu),
          note: "suite 3; floor: ipmi_sim; on a busy machine this says more than the rates do",
        },
        {
          what: "plain UDP round trips, 16 clients",
          value: of(({ plainMany }) => plainMany.rate),
          unit: "/s",
          note: `Node's UDP echo; ${busy(({ plainMany }) => plainMany)}`,
        },
      ];
      return rows;
    } finally {
      load.close();
      await stage.close();
      await echo.close();
      await sim?.close();
    }
  },
};

interface Rate {
  readonly rate: number;
  readonly busy: number;
}

async function rate(load: LoadClient, job: Parameters<LoadClient["run"]>[0]): Promise<Rate> {
  const { count, seconds: taken, busy } = await load.run(job);
  return { rate: count / taken, busy };
}

function requests(
  load: LoadClient,
  target: Target,
  command: typeof getDeviceId | typeof getChassisStatus,
  clients: number,
) {
  return rate(load, { kind: "requests", target, ...command, clients, seconds });
}

async function microsecondsEach(load: LoadClient, target: Target, pid: number): Promise<number> {
  const before = cpuSeconds([pid]);
  const { count } = await load.run({ kind: "requests", target, ...getDeviceId, clients: 16, seconds });
  return ((cpuSeconds([pid]) - before) * 1e6) / count;
}
