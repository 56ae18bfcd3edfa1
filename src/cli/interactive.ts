/** `vbmc` without a command: a prompt on a terminal, else commands from standard input, one per line. */
import { createInterface } from "node:readline";

import { parseArgsStringToArgv } from "string-argv";

/**
 * @param commands names that Tab completes
 * @returns 0 at `quit`, `exit` and the end of input, whatever the commands said
 */
export async function runInteractively(
  run: (words: readonly string[]) => Promise<number>,
  commands: readonly string[],
  program: string,
): Promise<number> {
  const isTerminal = process.stdin.isTTY;
  const completer = (line: string): [string[], string] => [commands.filter((name) => name.startsWith(line)), line];
  const lines = createInterface({
    input: process.stdin,
    ...(isTerminal && { output: process.stdout, prompt: `(${program}) `, completer }),
  });
  if (isTerminal) {
    lines.prompt();
  }
  for await (const line of lines) {
    const words = parseArgsStringToArgv(line);
    if (words[0] === "quit" || words[0] === "exit") {
      break;
    } else if (words.length > 0) {
      await run(words);
    }
    if (isTerminal) {
      lines.prompt();
    }
  }
  lines.close();
  return 0;
}
