/** What connected, idle consoles add to the memory of 1,000 BMCs. */
import { startGuest } from "../floors/floors.js";
import { atMost, type Part } from "../part.js";
import { pssMegabytes, titleOf } from "../processes.js";
import { setStage, type StageOptions } from "../stage.js";

const bmcs = 1_000;

export const solIdle: Part = {
  name: "solIdle",
  about: "1,000 BMCs whose consoles are connected and idle, beside 1,000 without",
  run: async () => {
    const guest = await startGuest();
    try {
      const without = await memoryOf({ bmcs, bmcsPerProcess: 500 });
      const console = `tcp://127.0.0.1:${guest.port}`;
      const connected = await memoryOf({ bmcs, bmcsPerProcess: 500, console });
      return [
        {
          what: "1,000 idle consoles: PSS more than 1,000 BMCs without",
          value: connected - without,
          unit: "MB",
          goal: atMost(100),
          note: "each with a TCP connection to a guest; two processes of 500 BMCs, one console process",
        },
      ];
    } finally {
      await guest.close();
    }
  },
};

/** Of the BMCs and the console process, MB. */
async function memoryOf(options: StageOptions): Promise<number> {
  const stage = await setStage(options);
  try {
    return pssMegabytes(stage.processes().filter((pid) => /^vbmc(-console|: )/.test(titleOf(pid))));
  } finally {
    await stage.close();
  }
}
