/** The formatting options that list and show share (those of cliff's Lister). */
import { type Command, InvalidArgumentError, Option } from "commander";

export const formats = ["csv", "json", "table", "value", "yaml"] as const;
const quoteModes = ["all", "minimal", "none", "nonnumeric"] as const;

export interface FormatOptions {
  readonly format: (typeof formats)[number];
  readonly column: readonly string[];
  readonly quote: (typeof quoteModes)[number];
  readonly noindent?: boolean;
  readonly maxWidth: number;
  readonly fitWidth?: boolean;
  readonly printEmpty?: boolean;
  readonly sortColumn: readonly string[];
  readonly sortAscending?: boolean;
  readonly sortDescending?: boolean;
}

export function addFormatOptions(command: Command): Command {
  return command
    .addOption(
      new Option("-f, --format <format>", "the output format")
        .choices(formats)
        .argParser(toChoice(formats))
        .default("table"),
    )
    .addOption(
      new Option("-c, --column <column>", "a column to include; may be repeated")
        .argParser(collect)
        .default([], "all of them"),
    )
    .addOption(
      new Option("--quote <mode>", "when to include quotes in csv")
        .choices(quoteModes)
        .argParser(toChoice(quoteModes))
        .default("nonnumeric"),
    )
    .option("--noindent", "whether to disable indenting the JSON")
    .addOption(
      new Option("--max-width <integer>", "maximum display width, 0 for any")
        .argParser(toWidth)
        .default(defaultWidth(), "CLIFF_MAX_TERM_WIDTH, else 0"),
    )
    .addOption(
      new Option("--fit-width", "fit the table to the display width").default(
        isFitWidthSet(),
        "if CLIFF_FIT_WIDTH is 1",
      ),
    )
    .option("--print-empty", "print an empty table if there is no data to show")
    .addOption(
      new Option("--sort-column <column>", "a column to sort by; may be repeated")
        .argParser(collect)
        .default([], "as it comes"),
    )
    .addOption(new Option("--sort-ascending", "sort the columns in ascending order").conflicts("sortDescending"))
    .option("--sort-descending", "sort the columns in descending order");
}

/** The formatting fields of a request: the daemon ignores them, the original's daemon expects them. */
export function formatFields(options: FormatOptions): Record<string, unknown> {
  return {
    columns: options.column,
    fit_width: options.fitWidth ?? false,
    formatter: options.format,
    max_width: options.maxWidth,
    noindent: options.noindent ?? false,
    print_empty: options.printEmpty ?? false,
    quote_mode: options.quote,
    sort_columns: options.sortColumn,
    sort_direction: options.sortDescending === true ? "desc" : options.sortAscending === true ? "asc" : null,
  };
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

export function toChoice<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((each) => each === text);
    if (choice === undefined) {
      const list = choices.map((each) => `'${each}'`).join(", ");
      throw new InvalidArgumentError(`invalid choice: '${text}' (choose from ${list})`);
    }
    return choice;
  };
}

function toWidth(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new InvalidArgumentError(`invalid int value: '${text}'`);
  }
  return Number(text);
}

function isFitWidthSet(): boolean {
  return Number(process.env["CLIFF_FIT_WIDTH"] ?? "0") !== 0;
}

function defaultWidth(): number {
  const width = Number(process.env["CLIFF_MAX_TERM_WIDTH"] ?? "0");
  return Number.isInteger(width) && width > 0 ? width : 0;
}
