import { atMost, type Part } from "../part.js";
import { pssMegabytes } from "../processes.js";
import { allAnswer, setStage } from "../stage.js";
import { timed } from "../statistics.js";

const bmcs = 1_000;

export const packed: Part = {
  name: "packed",
  about: "1,000 BMCs with bmcs_per_process = 500",
  run: async () => {
    const stage = await setStage({ bmcs, bmcsPerProcess: 500 });
    try {
      const processes = stage.processes();
      const again = await timed(() => allAnswer(stage.ports));
      return [
        {
          what: "1,000 BMCs packed: start until all answer",
          value: stage.allAnswerMs,
          unit: "ms",
          goal: atMost(4_000),
        },
        {
          what: "1,000 BMCs packed: PSS of the whole tree",
          value: pssMegabytes(processes),
          unit: "MB",
          goal: atMost(200),
        },
        { what: "1,000 BMCs packed: processes", value: processes.length, unit: "" },
        { what: "1,000 BMCs packed: all answer again within", value: again, unit: "ms" },
      ];
    } finally {
      await stage.close();
    }
  },
};
