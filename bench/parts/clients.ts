/** What ipmitool takes as a whole process, against a BMC and against the floor of the peers. */
import { run } from "../../test/support/programs.js";
import { atMost, type Part } from "../part.js";
import { allKnowPower, setStage } from "../stage.js";
import { median, repeat, timed } from "../statistics.js";

const rounds = 15;

export const clients: Part = {
  name: "clients",
  about: "ipmitool as a whole process",
  run: async () => {
    const stage = await setStage({ bmcs: 1 });
    try {
      const options = [
        "-I",
        "lanplus",
        "-H",
        "127.0.0.1",
        "-p",
        String(stage.ports[0]),
        "-U",
        "admin",
        "-P",
        "password",
      ];
      const ipmitool = async (...command: string[]): Promise<void> => {
        const { code, stderr } = await run("ipmitool", [...options, ...command]);
        if (code !== 0) {
          throw new Error(`ipmitool ${command.join(" ")}: ${stderr}`);
        }
      };
      await allKnowPower(stage);
      const pairs = await repeat(rounds, async () => {
        const deviceId = await timed(() => ipmitool("raw", "0x06", "0x01"));
        const power = await timed(() => ipmitool("power", "status"));
        return { deviceId, power };
      });
      const deviceId = median(pairs.map((pair) => pair.deviceId));
      const power = median(pairs.map((pair) => pair.power));
      return [
        {
          what: "ipmitool power status, whole process",
          value: power,
          unit: "ms",
          floor: deviceId,
          note: `median of ${rounds}; floor: Get Device ID`,
        },
        { what: "its ratio to Get Device ID", value: power / deviceId, unit: "", goal: atMost(1.05) },
      ];
    } finally {
      await stage.close();
    }
  },
};
