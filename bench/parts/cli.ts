import { run } from "../../test/support/programs.js";
import { bin } from "../../test/support/stack.js";
import { atMost, type Part } from "../part.js";
import { setStage } from "../stage.js";
import { median, repeat, timed } from "../statistics.js";

const rounds = 15;

export const cli: Part = {
  name: "cli",
  about: "vbmc commands as whole processes",
  run: async () => {
    const stage = await setStage({ bmcs: 1 });
    const node = (...args: string[]) => timed(() => run(process.execPath, args, { env: stage.env }));
    try {
      const measured = await repeat(rounds, async () => ({
        bare: await node("--eval", "0"),
        version: await node(bin("vbmc"), "--version"),
        list: await node(bin("vbmc"), "list"),
        show: await node(bin("vbmc"), "show", stage.vmNames[0]!),
      }));
      const of = (command: keyof (typeof measured)[number]): number => median(measured.map((round) => round[command]));
      return (["version", "list", "show"] as const).map((command) => ({
        what: `vbmc ${command === "version" ? "--version" : command}`,
        value: of(command),
        unit: "ms",
        floor: of("bare"),
        goal: atMost(150),
        note: `median of ${rounds}; floor: bare Node`,
      }));
    } finally {
      await stage.close();
    }
  },
};
