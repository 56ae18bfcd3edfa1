/** What the demo shows: headings, command lines and their output, in colours on a terminal. */
import { isColoured } from "../src/cli/formats/colours.js";

export interface Printer {
  readonly heading: (text: string) => void;
  /** A command line, after a prompt. */
  readonly command: (line: string) => void;
  /** As it is. */
  readonly output: (text: string) => void;
}

export function createPrinter(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Printer {
  // FORCE_COLOR, as Node reads it, is for recordings.
  const coloured = isColoured(stream.isTTY || env["FORCE_COLOR"] !== undefined, env);
  /** SGR parameters (ECMA-48 §8.3.117). */
  const styled = (parameters: string, text: string): string =>
    coloured ? `\u001b[${parameters}m${text}\u001b[0m` : text;
  const output = (text: string): void => void stream.write(text);
  return {
    heading: (text) => output(`\n${styled("1;36", `# ${text}`)}\n`),
    command: (line) => output(`${styled("32", "$")} ${styled("1", line)}\n`),
    output,
  };
}
