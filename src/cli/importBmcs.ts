/** Adds many BMCs through the daemon in batches, and starts them on request. */
import { reasonOf } from "../base/errors.js";
import type { Cell, ImportedBmc } from "../control/messages.js";
import type { ListedBmc } from "./bmcList.js";
import { type BmcOptions, toAddRequest } from "./bmcOptions.js";
import type { CliContext } from "./context.js";
import { askForNames } from "./nameRequests.js";
import { createProgressBar } from "./progressBar.js";

export interface ImportOptions extends BmcOptions {
  readonly atomic?: boolean;
  readonly start?: boolean;
}

/** BMCs in the first request. */
const atOnce = 25;
/** Each request looks at all BMCs that are there: while they are answered so soon, the next one is twice as long, ms. */
const soonMs = 500;
const maxAtOnce = 400;
/** Timeout per BMC on a slow disk, ms. */
const eachMs = 500;
const minMs = 10_000;
const portColumn = 2;
const resultColumn = 3;
const detailColumn = 4;
const otherShard = "other shard";

export interface Imported {
  readonly header: string[];
  readonly rows: Cell[][];
}

/** The rows of BMCs that were not added and should have been. */
export function failedRows(rows: readonly Cell[][]): Cell[][] {
  return rows.filter(
    (row) => row[resultColumn] !== otherShard && !(row[resultColumn] === "added" && row[detailColumn] === null),
  );
}

/** What to do about BMCs of the list that other daemons serve, one line; undefined: there are none. */
export function otherShardsText(rows: readonly Cell[][]): string | undefined {
  const { length } = rows.filter((row) => row[resultColumn] === otherShard);
  return length === 0
    ? undefined
    : `${length} of ${rows.length} BMCs belong to daemons with other shards: give them this list too`;
}

/** A row per BMC, in the given order; missing values come from the options. */
export async function importBmcs(
  list: readonly ListedBmc[],
  options: ImportOptions,
  context: CliContext,
): Promise<Imported> {
  const bmcs = await completed(list, options);
  const { progress } = context;
  // Reserve explicit ports first: counted ports skip them.
  const order = bmcs.map((_, index) => index).sort((a, b) => Number(isCounted(bmcs[a])) - Number(isCounted(bmcs[b])));
  const rows = new Map<number, readonly Cell[]>();
  let header: readonly string[] = [];
  const adding = createProgressBar(bmcs.length, "added", progress);
  const isAtomic = options.atomic === true;
  let size = isAtomic ? order.length : atOnce;
  let firstPort = options.port;
  for (let at = 0; at < order.length;) {
    const part = order.slice(at, at + size);
    const request = {
      command: "import",
      bmcs: part.flatMap((index) => bmcs[index] ?? []),
      first_port: firstPort,
      atomic: isAtomic,
    };
    const askedAt = performance.now();
    const response = await context.request(request, { timeoutMs: minMs + eachMs * part.length });
    header = response.header ?? [];
    part.forEach((index, row) => {
      const cells = response.rows?.[row] ?? [];
      rows.set(index, cells);
      if (isCounted(bmcs[index])) {
        firstPort = Math.max(firstPort, Number(cells[portColumn] ?? 0) + 1);
      }
    });
    adding.show(rows.size);
    at += part.length;
    size = performance.now() - askedAt < soonMs ? Math.min(2 * size, maxAtOnce) : size;
  }
  adding.end();
  const inOrder = bmcs.map((_, index) => [...(rows.get(index) ?? [])]);
  return { header: [...header], rows: options.start === true ? await started(inOrder, context) : inOrder };
}

/** Starts the added BMCs; the row of one that fails gets the reason. */
async function started(rows: Cell[][], context: CliContext): Promise<Cell[][]> {
  const names = rows.filter((row) => row[resultColumn] === "added").map(([name]) => String(name));
  if (names.length === 0) {
    return rows;
  }
  const byName = await askForNames("start", { names, isAll: false, asksNames: true }, context).then(
    (outcome) => outcome.byName,
    // Report the added BMCs anyway.
    (error: unknown) => new Map(names.map((name) => [name, reasonOf(error)])),
  );
  return rows.map((row) => {
    const fault = byName.get(String(row[0]));
    return fault === undefined ? row : row.with(detailColumn, `not started: ${fault}`);
  });
}

async function completed(list: readonly ListedBmc[], options: ImportOptions): Promise<ImportedBmc[]> {
  const defaults = Object.entries(await toAddRequest("", options));
  const given = defaults.filter(([key, value]) => value !== null && key !== "command" && key !== "port");
  return list.map((bmc) => ({ ...Object.fromEntries(given), active: false, ...bmc }) as ImportedBmc);
}

function isCounted(bmc: ImportedBmc | undefined): boolean {
  return bmc?.port === undefined;
}
