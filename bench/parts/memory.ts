/** Memory that a BMC keeps of sessions that are over. */
import { startLoadClient } from "../load/loadClient.js";
import { atMost, type Part } from "../part.js";
import { pssMegabytes } from "../processes.js";
import { setStage } from "../stage.js";
import { repeat } from "../statistics.js";

const seconds = 6;
const rounds = 3;

export const memory: Part = {
  name: "memory",
  about: "memory that a BMC keeps of each session that is over",
  run: async () => {
    const load = startLoadClient();
    const stage = await setStage({ bmcs: 1 });
    try {
      const target = { port: stage.ports[0]! };
      const run = () => load.run({ kind: "setups", target, clients: 16, seconds });
      await run();
      const before = pssMegabytes(stage.processes());
      const counts = await repeat(rounds, async () => (await run()).count);
      const sessions = counts.reduce((sum, count) => sum + count, 0);
      const kept = (pssMegabytes(stage.processes()) - before) * 1e6;
      return [
        {
          what: "memory kept per past session",
          value: kept / sessions,
          unit: "bytes",
          goal: atMost(150),
          note: `PSS of vbmcd and its children, over ${sessions} sessions after a warm-up`,
        },
      ];
    } finally {
      load.close();
      await stage.close();
    }
  },
};
