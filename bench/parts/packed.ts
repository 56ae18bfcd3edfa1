/** Many BMCs in few processes: their start and their memory. */
import { setTimeout as wait } from "node:timers/promises";

import { isCommand } from "../../test/support/programs.js";
import { ipmipower } from "../ipmipower.js";
import { atMost, type Part, type Row } from "../part.js";
import { byRole, cpuSeconds, pssMegabytes } from "../processes.js";
import { allAnswer, allKnowPower, setStage, type Stage } from "../stage.js";
import { timed } from "../statistics.js";

const bmcs = 1_000;
const bmcsPerProcess = 500;
/** ipmipower waits for all that it asks, and gives up on those that a busy machine answers late. */
const askedTogether = 200;
/** V8 collects what the requests left behind within seconds, as for the rows of one process each. */
const settleMs = 20_000;

export const packed: Part = {
  name: "packed",
  about: "1,000 BMCs with bmcs_per_process = 500",
  run: async () => {
    const stage = await setStage({ bmcs, bmcsPerProcess });
    try {
      const processes = stage.processes();
      const started = cpuSeconds(byRole(processes).supervisor);
      const again = await timed(() => allAnswer(stage.ports));
      const rows: Row[] = [
        { what: "start until all answer", value: stage.allAnswerMs, unit: "ms", goal: atMost(4_000) },
        {
          what: "CPU time of the supervisor until all answer",
          value: started,
          unit: "s",
          goal: atMost(1),
          note: "answers to `vbmc list` meanwhile included",
        },
        { what: "PSS of the whole tree before a request", value: pssMegabytes(processes), unit: "MB" },
        { what: "processes", value: processes.length, unit: "" },
        { what: "all answer again within", value: again, unit: "ms" },
        ...(await afterStatus(stage)),
      ];
      return rows.map((row) => ({ ...row, what: `1,000 BMCs packed: ${row.what}` }));
    } finally {
      await stage.close();
    }
  },
};

/** After a power status of each BMC: its first session, and all that the link knows of its VM. */
async function afterStatus(stage: Stage): Promise<Row[]> {
  if (!isCommand("ipmipower")) {
    return [];
  }
  await allKnowPower(stage);
  let failed = 0;
  for (let first = 0; first < bmcs; first += askedTogether) {
    const answers = await ipmipower(stage.ports.slice(first, first + askedTogether));
    failed += askedTogether - answers.filter((answer) => answer === "on" || answer === "off").length;
  }
  const processes = stage.processes();
  const { supervisor, links, children } = byRole(processes);
  const atOnce = pssMegabytes(processes);
  await wait(settleMs);
  return [
    { what: "power status of each: how many fail", value: failed, unit: "", goal: atMost(0) },
    { what: "PSS of the whole tree right after it", value: atOnce, unit: "MB" },
    {
      what: `… and ${settleMs / 1_000} s later`,
      value: pssMegabytes(processes),
      unit: "MB",
      goal: atMost(180),
    },
    { what: "… of the supervisor", value: pssMegabytes(supervisor), unit: "MB" },
    { what: "… of the link", value: pssMegabytes(links), unit: "MB" },
    { what: "… of the children", value: pssMegabytes(children), unit: "MB" },
  ];
}
