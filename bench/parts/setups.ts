/** Sessions opened and closed per second by one BMC. */
import { startEcho, startIpmiSim } from "../floors/floors.js";
import { startLoadClient } from "../load/loadClient.js";
import type { JobResult, Target } from "../load/messages.js";
import { atLeast, type Part } from "../part.js";
import { setStage } from "../stage.js";
import { median, repeat } from "../statistics.js";

const seconds = 1.5;
const rounds = 3;
/** Open Session, RAKP 1, RAKP 3, Close Session. */
const roundTripsPerSetup = 4;
const rateOf = ({ count, seconds: taken }: JobResult): number => count / taken;

export const setups: Part = {
  name: "setups",
  about: "sessions opened and closed per second by one BMC",
  run: async () => {
    const load = startLoadClient();
    const echo = await startEcho();
    const sim = await startIpmiSim();
    const stage = await setStage({ bmcs: 1 });
    try {
      const ours: Target = { port: stage.ports[0]! };
      const of = (target: Target, clients: number) => load.run({ kind: "setups", target, clients, seconds });
      const measured = await repeat(rounds, async () => ({
        plainOne: await load.run({ kind: "plain", port: echo.port, clients: 1, seconds }),
        one: await of(ours, 1),
        many: await of(ours, 16),
        sha256: await of({ ...ours, suite: 17 }, 16),
        simOne: sim && (await of(sim, 1)),
        simMany: sim && (await of(sim, 16)),
      }));
      const onePort = await load.run({ kind: "setupsFromOnePort", target: ours, seconds: 1.5 });
      type Round = (typeof measured)[number];
      const rate = (pick: (round: Round) => JobResult | undefined): number =>
        median(measured.map((round) => rateOf(pick(round) ?? nothing)));
      const shareOfSim = (ours: (round: Round) => JobResult, sims: (round: Round) => JobResult | undefined): number =>
        median(measured.map((round) => rateOf(ours(round)) / rateOf(sims(round) ?? nothing)));
      const share = (pick: (round: Round) => JobResult | undefined): number =>
        median(
          measured.map((round) => (rateOf(pick(round) ?? nothing) * roundTripsPerSetup * round.plainOne.p50) / 1_000),
        );
      const busy = median(measured.map(({ many }) => many.busy));
      return [
        {
          what: "session set-ups, 16 clients",
          value: rate(({ many }) => many),
          unit: "/s",
          floor: rate(({ simMany }) => simMany),
          note: `suite 3, closed again; floor: ipmi_sim; load client ${Math.round(busy * 100)} % busy`,
        },
        {
          what: "… as a share of ipmi_sim's",
          value: shareOfSim(
            ({ many }) => many,
            ({ simMany }) => simMany,
          ),
          unit: "",
          goal: atLeast(1),
        },
        { what: "session set-ups, 16 clients, cipher suite 17", value: rate(({ sha256 }) => sha256), unit: "/s" },
        {
          what: "set-up, one client, as a share of plain UDP round trips",
          value: share(({ one }) => one),
          unit: "",
          floor: share(({ simOne }) => simOne),
          note: `${roundTripsPerSetup} round trips each; floor: ipmi_sim; the client's own keys included`,
        },
        {
          what: "set-up, one client, as a share of ipmi_sim's",
          value: shareOfSim(
            ({ one }) => one,
            ({ simOne }) => simOne,
          ),
          unit: "",
          goal: atLeast(0.8),
        },
        {
          what: "new sessions from one source port in 1.5 s",
          value: onePort.count,
          unit: "",
          goal: atLeast(500),
          note: "none closed",
        },
      ];
    } finally {
      load.close();
      await stage.close();
      await echo.close();
      await sim?.close();
    }
  },
};

const nothing: JobResult = { count: NaN, seconds: 1, p50: NaN, p99: NaN, busy: NaN, lost: 0 };
