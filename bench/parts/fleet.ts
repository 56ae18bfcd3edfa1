/** Processor time and memory of a fleet of BMCs, one process each, while nothing happens. */
import { isCommand, run } from "../../test/support/programs.js";
import { startIdleChild } from "../floors/floors.js";
import { ipmipower } from "../ipmipower.js";
import { atMost, type Part, type Row } from "../part.js";
import { byRole, cpuSeconds, pssMegabytes } from "../processes.js";
import { allAnswer, allKnowPower, callsOf, setStage, type Stage } from "../stage.js";
import { median, repeat, timed } from "../statistics.js";

/**
 * V8 tidies up a heap that has come to rest, some 8 s after a child's start and once: the fleet is watched doing nothing
 * after that, s.
 */
const settleSeconds = 20;
const idleSeconds = 15;

export const fleet: Part = {
  name: "fleet",
  about: "50 and 200 BMCs, one process each",
  run: async () => {
    const floor = await idleChildren(200);
    return [...(await fleetOf(50, 1_000)), ...(await fleetOf(200, 3_000, floor))];
  },
};

interface ChildrenFloor {
  readonly megabytes: number;
  readonly startMs: number;
  /** CPU time of each. */
  readonly cpuMs: number;
}

async function fleetOf(count: number, statGoalMs: number, floor?: ChildrenFloor): Promise<Row[]> {
  const stage = await setStage({ bmcs: count });
  try {
    const rows: Row[] = [];
    if (floor) {
      const childMs = (cpuSeconds(byRole(stage.processes()).children) / count) * 1_000;
      rows.push(
        {
          what: `${count} BMCs: start until all answer`,
          value: stage.allAnswerMs,
          unit: "ms",
          goal: atMost(16_000),
          floor: floor.startMs,
          note: "floor: forking bare Node children",
        },
        {
          what: "… as a multiple of bare Node's",
          value: stage.allAnswerMs / floor.startMs,
          unit: "",
          goal: atMost(1.15),
        },
        {
          what: `${count} BMCs: CPU time of a child until all answer`,
          value: childMs,
          unit: "ms",
          floor: floor.cpuMs,
          note: "floor: of a bare Node child; on a busy machine this says more than the time does",
        },
        { what: "… as a multiple of bare Node's", value: childMs / floor.cpuMs, unit: "", goal: atMost(1.15) },
        {
          what: `${count} BMCs: control socket answers after`,
          value: stage.controlMs,
          unit: "ms",
          goal: atMost(1_500),
          note: "vbmc list, its own start included",
        },
      );
      rows.push(...(await idle(stage, count, floor)));
    }
    rows.push(...(await statistics(stage, count, statGoalMs)));
    if (floor) {
      rows.push({
        what: `${count} BMCs: PSS after a power status each`,
        value: pssMegabytes(stage.processes()),
        unit: "MB",
        goal: atMost(2_200),
      });
      rows.push(...(await list(stage, count)));
    }
    return rows;
  } finally {
    await stage.close();
  }
}

async function list(stage: Stage, count: number): Promise<Row[]> {
  const rounds = await repeat(7, async () => ({
    bare: await timed(() => run(process.execPath, ["--eval", "0"], { env: stage.env })),
    list: await timed(() => stage.vbmc("list")),
  }));
  const value = median(rounds.map((round) => round.list));
  const bare = median(rounds.map((round) => round.bare));
  return [
    { what: `${count} BMCs: vbmc list`, value, unit: "ms", floor: bare, note: "floor: bare Node" },
    { what: "… as a multiple of bare Node's", value: value / bare, unit: "", goal: atMost(1.8) },
  ];
}

async function idle(stage: Stage, count: number, floor: ChildrenFloor): Promise<Row[]> {
  await allKnowPower(stage);
  const pids = stage.processes();
  const { supervisor, links, children } = byRole(pids);
  const started = cpuSeconds(children);
  await seconds(settleSeconds);
  const settled = cpuSeconds(children);
  const before = { supervisor: cpuSeconds(supervisor), link: cpuSeconds(links) };
  await seconds(idleSeconds);
  const share = (from: number, to: number): number => ((to - from) / idleSeconds) * 100;
  return [
    {
      what: `${count} BMCs: PSS idle`,
      value: pssMegabytes(pids),
      unit: "MB",
      goal: atMost(2_000),
      floor: floor.megabytes,
      note: `floor: ${count} bare Node children`,
    },
    {
      what: `${count} BMCs idle: CPU of the supervisor`,
      value: share(before.supervisor, cpuSeconds(supervisor)),
      unit: "%",
      note: "of one core",
    },
    {
      what: `${count} BMCs idle: CPU of the link`,
      value: share(before.link, cpuSeconds(links)),
      unit: "%",
      note: "of one core",
    },
    {
      what: `${count} BMCs idle: CPU of all children`,
      value: share(settled, cpuSeconds(children)),
      unit: "%",
      goal: atMost(0.1),
      note: "of one core",
    },
    {
      what: `${count} BMCs: CPU time of a child in the ${settleSeconds} s after its start`,
      value: ((settled - started) / count) * 1_000,
      unit: "ms",
      note: "V8 tidies up, once",
    },
  ];
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1_000));
}

/** `ipmipower --stat` of all, and what it costs vCenter. */
async function statistics(stage: Stage, count: number, goalMs: number): Promise<Row[]> {
  await allKnowPower(stage);
  if (!isCommand("ipmipower")) {
    return [];
  }
  const before = { calls: callsOf(stage), logins: callsOf(stage, "Login") };
  let answers: string[] = [];
  const ms = await timed(async () => (answers = await ipmipower(stage.ports)));
  const failed = answers.filter((answer) => answer !== "on" && answer !== "off").length + count - answers.length;
  const again = await timed(() => allAnswer(stage.ports));
  return [
    { what: `${count} BMCs: ipmipower --stat of all`, value: ms, unit: "ms", goal: atMost(goalMs) },
    { what: `${count} BMCs: how many fail`, value: failed, unit: "", goal: atMost(0) },
    { what: `${count} BMCs: SOAP calls meanwhile`, value: callsOf(stage) - before.calls, unit: "", goal: atMost(2) },
    {
      what: `${count} BMCs: logins meanwhile`,
      value: callsOf(stage, "Login") - before.logins,
      unit: "",
      goal: atMost(0),
    },
    {
      what: `${count} BMCs: vCenter sessions`,
      value: stage.simulator?.sessions.count() ?? NaN,
      unit: "",
      goal: atMost(1),
    },
    { what: `${count} BMCs: all answer again within`, value: again, unit: "ms", goal: atMost(1_000) },
  ];
}

/** Forked two at a time, as a machine with two cores does it best. */
async function idleChildren(count: number): Promise<ChildrenFloor> {
  const startedAt = performance.now();
  const forkSome = (share: number) => repeat(share, startIdleChild);
  const children = (await Promise.all([forkSome(count / 2), forkSome(count / 2)])).flat();
  const startMs = performance.now() - startedAt;
  const pids = children.map(({ pid }) => pid);
  const cpuMs = (cpuSeconds(pids) / count) * 1_000;
  await seconds(settleSeconds);
  const megabytes = pssMegabytes(pids);
  await Promise.all(children.map((child) => child.close()));
  return { megabytes, startMs, cpuMs };
}
