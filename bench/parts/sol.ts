/** Serial over LAN: throughput and latency of keys, of one console and of many. */
import { type Floor, startEcho, startGuest, startIpmiSim } from "../floors/floors.js";
import { startLoadClient } from "../load/loadClient.js";
import { atLeast, atMost, type Part, type Row } from "../part.js";
import { pssMegabytes, titleOf } from "../processes.js";
import { setStage } from "../stage.js";
import { median, repeat } from "../statistics.js";

const rounds = 3;
const consoles = 16;
const bytesOfOne = 2_000_000;
const bytesOfEach = 1_000_000;
/** Of each console before the first measurement: V8 compiles what a process sends until some 5,000 packets have left. */
const bytesOfWarmUp = 1_500_000;
const keys = 1_000;
const longSession = 50_000_000;
const lossyBytes = 64_000;

export const sol: Part = {
  name: "sol",
  about: "Serial over LAN: bytes per second, time from key to echo, memory",
  run: async () => {
    const load = startLoadClient();
    const echo = await startEcho();
    const guest = await startGuest();
    const sims = await Promise.all(Array.from({ length: consoles }, () => startIpmiSim(guest.port)));
    const simTargets = sims.filter((sim): sim is Floor => sim !== undefined);
    const stage = await setStage({ bmcs: consoles, console: `tcp://127.0.0.1:${guest.port}` });
    const ours = stage.ports.map((port) => ({ port }));
    const rate = async (targets: readonly { port: number }[], bytes: number): Promise<number> => {
      const { count, seconds } = await load.run({ kind: "solFlood", targets, bytes });
      return count / seconds / 1e6;
    };
    try {
      await rate(ours, bytesOfWarmUp);
      const measured = await repeat(rounds, async () => ({
        one: await rate(ours.slice(0, 1), bytesOfOne),
        simOne: simTargets.length > 0 ? await rate(simTargets.slice(0, 1), bytesOfOne) : NaN,
        many: await rate(ours, bytesOfEach),
        simMany: simTargets.length > 0 ? await rate(simTargets, bytesOfEach) : NaN,
        key: (await load.run({ kind: "solKeys", target: ours[0]!, keys })).p50,
        simKey: simTargets[0] ? (await load.run({ kind: "solKeys", target: simTargets[0], keys })).p50 : NaN,
        plain: (await load.run({ kind: "plain", port: echo.port, clients: 1, seconds: 1 })).p50,
      }));
      type Round = (typeof measured)[number];
      const of = (pick: (round: Round) => number): number => median(measured.map(pick));
      const rows: Row[] = [
        {
          what: "SOL output, one console",
          value: of(({ one }) => one),
          unit: "MB/s",
          floor: of(({ simOne }) => simOne),
          note: "suite 3; floor: ipmi_sim",
        },
        {
          what: "… as a share of ipmi_sim's",
          value: of(({ one, simOne }) => one / simOne),
          unit: "",
          goal: atLeast(1),
        },
        {
          what: `SOL output, ${consoles} consoles`,
          value: of(({ many }) => many),
          unit: "MB/s",
          floor: of(({ simMany }) => simMany),
          note: `floor: ${consoles} ipmi_sim`,
        },
        {
          what: "… as a share of ipmi_sim's",
          value: of(({ many, simMany }) => many / simMany),
          unit: "",
          goal: atLeast(1),
        },
        {
          what: "from key to echo, p50",
          value: of(({ key }) => key),
          unit: "ms",
          floor: of(({ simKey }) => simKey),
          note: "floor: ipmi_sim",
        },
        {
          what: "… as a multiple of a UDP round trip",
          value: of(({ key, plain }) => key / plain),
          unit: "",
          goal: atMost(2),
          note: "round trip: Node's UDP echo",
        },
        {
          what: "… as a multiple of ipmi_sim's",
          value: of(({ key, simKey }) => key / simKey),
          unit: "",
          goal: atMost(1.3),
        },
      ];
      await load.run({ kind: "solFlood", targets: ours.slice(0, 1), bytes: longSession });
      const carriers = stage.processes().filter((pid) => /^vbmc(-console|: vm-01)/.test(titleOf(pid)));
      const before = pssMegabytes(carriers);
      const long = await load.run({ kind: "solFlood", targets: ours.slice(0, 1), bytes: longSession });
      const lossy = await load.run({ kind: "solFlood", targets: ours.slice(0, 1), bytes: lossyBytes, loss: 0.1 });
      return [
        ...rows,
        {
          what: "50 MB through one session: growth of the BMC and the console process",
          value: pssMegabytes(carriers) - before,
          unit: "MB",
          goal: atMost(2),
        },
        { what: "… bytes lost or doubled", value: long.lost, unit: "", goal: atMost(0) },
        { what: "64 KB, 10 % of the datagrams lost in either direction", value: lossy.seconds, unit: "s" },
        { what: "… bytes lost or doubled", value: lossy.lost, unit: "", goal: atMost(0) },
      ];
    } finally {
      load.close();
      await stage.close();
      await Promise.all([guest, echo, ...simTargets].map((floor) => floor.close()));
    }
  },
};
