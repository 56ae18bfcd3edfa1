/** Programs that want a terminal: util-linux's `script` gives them one. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

import { patiently } from "./patience.js";

export interface Terminal {
  /** All that was shown, one character per byte. */
  readonly output: () => string;
  /** Resolves when the text is shown behind what an earlier call has found. */
  readonly shows: (text: string) => Promise<void>;
  /** As shows, for texts that may come in any order. */
  readonly showsAll: (...texts: readonly string[]) => Promise<void>;
  readonly type: (text: string) => void;
  /** As if the terminal were closed. */
  readonly hangUp: () => void;
  /** Ends the program at once, so that it can say no good-bye. */
  readonly kill: () => void;
  /** Exit code of the program. */
  readonly ended: Promise<number | null>;
}

export function openTerminal(...command: readonly string[]): Terminal {
  const line = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const pidLine = `echo "pid=$$" >&2; exec ${line}`;
  const program = spawn("script", ["-qefc", pidLine, "/dev/null"], { stdio: ["pipe", "pipe", "pipe"] });
  return follow(program);
}

function follow(program: ChildProcessWithoutNullStreams): Terminal {
  let output = "";
  let seen = 0;
  const looks = new Set<() => void>();
  program.stdout.setEncoding("latin1").on("data", (text: string) => {
    output += text;
    [...looks].forEach((look) => look());
  });
  program.stdin.on("error", () => undefined);
  const ended = new Promise<number | null>((resolve) => program.once("close", (code) => resolve(code)));
  const find = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      void ended.then((code) => reject(new Error(`the program ended with ${code}: ${output.slice(-2_000)}`)));
      const look = (): void => {
        const at = output.indexOf(text, seen);
        if (at >= 0) {
          seen = at + text.length;
          looks.delete(look);
          resolve();
        }
      };
      looks.add(look);
      look();
    });
  return {
    output: () => output,
    showsAll: async (...texts) => {
      const start = seen;
      let end = seen;
      for (const text of texts) {
        seen = start;
        await patiently(find(text), () => `${JSON.stringify(text)} is not shown: ${output.slice(-2_000)}`);
        end = Math.max(end, seen);
      }
      seen = end;
    },
    shows: (text) => patiently(find(text), () => `${JSON.stringify(text)} is not shown: ${output.slice(-2_000)}`),
    type: (text) => void program.stdin.write(text, "latin1"),
    hangUp: () => program.kill("SIGHUP"),
    kill: () => {
      // The pid of the shell, which the program has taken over.
      process.kill(Number(/pid=(\d+)/.exec(output)?.[1]), "SIGKILL");
    },
    get ended() {
      return patiently(ended, () => `the program does not end: ${output.slice(-2_000)}`);
    },
  };
}
