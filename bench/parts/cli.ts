/** What a user waits for: `vbmc` as a process, from its start to its end. */
import { freeUdpPort } from "../../test/support/ports.js";
import { run } from "../../test/support/programs.js";
import { bin } from "../../test/support/stack.js";
import { atMost, type Part, type Row } from "../part.js";
import { account, setStage, type Stage } from "../stage.js";
import { median, repeat, timed } from "../statistics.js";

const rounds = 15;
/** As multiples of bare Node's time. */
const goals = { version: 1.2, list: 1.4, show: 1.4 } as const;
const startRounds = 7;
const startGoalMs = 600;

export const cli: Part = {
  name: "cli",
  about: "vbmc commands as whole processes",
  run: async () => {
    const stage = await setStage({ bmcs: 1, vms: 2 });
    const node = (...args: string[]) => timed(() => run(process.execPath, args, { env: stage.env }));
    try {
      const measured = await repeat(rounds, async () => ({
        bare: await node("--eval", "0"),
        version: await node(bin("vbmc"), "--version"),
        list: await node(bin("vbmc"), "list"),
        show: await node(bin("vbmc"), "show", stage.vmNames[0]!),
      }));
      const of = (command: keyof (typeof measured)[number]): number => median(measured.map((round) => round[command]));
      const rows = (["version", "list", "show"] as const).flatMap((command): Row[] => [
        {
          what: `vbmc ${command === "version" ? "--version" : command}`,
          value: of(command),
          unit: "ms",
          floor: of("bare"),
          note: `median of ${rounds}; floor: bare Node`,
        },
        {
          what: "… as a multiple of bare Node's",
          value: of(command) / of("bare"),
          unit: "",
          goal: atMost(goals[command]),
        },
      ]);
      return [...rows, ...(await startOneMore(stage))];
    } finally {
      await stage.close();
    }
  },
};

/** `vbmc start` of a BMC whose account has a link already: it returns when the BMC answers. */
async function startOneMore(stage: Stage): Promise<Row[]> {
  const name = [...(stage.simulator?.inventory.vms.values() ?? [])].at(-1)?.name ?? "";
  const options = {
    username: "admin",
    password: "password",
    port: await freeUdpPort(),
    address: "127.0.0.1",
    viserver: `127.0.0.1:${stage.proxy.port}`,
    "viserver-username": account.username,
    "viserver-password": account.password,
  };
  await succeeds(stage, "add", name, ...Object.entries(options).map(([option, value]) => `--${option}=${value}`));
  const measured = await repeat(startRounds, async () => {
    const start = await timed(() => succeeds(stage, "start", name));
    const stop = await timed(() => succeeds(stage, "stop", name));
    return { start, stop };
  });
  return [
    {
      what: "vbmc start of one more BMC on a running link",
      value: median(measured.map(({ start }) => start)),
      unit: "ms",
      goal: atMost(startGoalMs),
      note: `median of ${startRounds}`,
    },
    { what: "vbmc stop of it", value: median(measured.map(({ stop }) => stop)), unit: "ms" },
  ];
}

async function succeeds(stage: Stage, ...args: string[]): Promise<void> {
  const { code, stderr } = await stage.vbmc(...args);
  if (code !== 0) {
    throw new Error(`vbmc ${args[0]} ended with exit code ${String(code)}: ${stderr}`);
  }
}
