/** Colours of tables on a terminal; they add nothing to the text. */

/** Whether to use colours: only on a terminal, and not if NO_COLOR is set (no-color.org). */
export function isColoured(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  return isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

/** SGR parameters (ECMA-48 §8.3.117). */
const bold = 1;
const red = 31;
const green = 32;
const yellow = 33;
const faint = 2;

const wordColours: Readonly<Record<string, number>> = {
  running: green,
  ok: green,
  poweredOn: green,
  error: red,
  failed: red,
  starting: yellow,
  warning: yellow,
  unknown: yellow,
  down: faint,
  skipped: faint,
  poweredOff: faint,
};

/** Columns with coloured words: in others, a VM may be called `error`. */
const colouredColumns: ReadonlySet<string> = new Set(["Status", "Power", "Tools", "vCenter"]);

export function colourHeader(name: string): string {
  return sgr(bold, name);
}

/** The cell's text, coloured if its column is. */
export function colourCell(column: string, text: string): string {
  const colour = colouredColumns.has(column) && Object.hasOwn(wordColours, text) ? wordColours[text] : undefined;
  return colour === undefined ? text : sgr(colour, text);
}

function sgr(parameter: number, text: string): string {
  return `\u001b[${parameter}m${text}\u001b[0m`;
}
