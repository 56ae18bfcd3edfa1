/**
 * `npm run bench`: measures what docs/performance.md reports. `npm run bench -- latency cli` runs those parts only,
 * `--list` tells their names, `--json` prints the rows as JSON at the end, `--out FILE` writes them to a file.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";

import { defined } from "../src/base/defined.js";
import { traceOf } from "../src/base/errors.js";
import { isMet, type Row } from "./part.js";
import { parts } from "./parts/index.js";
import { formatRow } from "./report.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, list: { type: "boolean" }, out: { type: "string" } },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (options.list) {
    parts.forEach(({ name, about }) => console.log(`${name.padEnd(12)}${about}`));
    return 0;
  }
  const unknown = positionals.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    console.error(`bench: no part is named ${unknown.join(", ")}; --list tells their names`);
    return 2;
  }
  const say = options.json ? console.error : console.log;
  const results: (Row & { readonly part: string; readonly met?: boolean })[] = [];
  let code = 0;
  for (const { name, about, run } of parts) {
    if (positionals.length > 0 && !positionals.includes(name)) {
      continue;
    }
    say(`\n${name}: ${about}`);
    try {
      for (const row of await run()) {
        const met = isMet(row);
        results.push(defined({ part: name, ...row, met }));
        say(formatRow(row));
      }
    } catch (error) {
      // The other parts are worth having all the same.
      say(`${name} failed: ${traceOf(error)}`);
      code = 1;
    }
  }
  const text = JSON.stringify({ machine: machine(), rows: results }, undefined, 2);
  if (options.json) {
    console.log(text);
  }
  if (options.out !== undefined) {
    writeFileSync(options.out, `${text}\n`);
  }
  return code;
}

/** What the numbers depend on. */
function machine(): Record<string, unknown> {
  return {
    node: process.version,
    processor: cpus()[0]?.model,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadAverage: loadavg().map((load) => Number(load.toFixed(2))),
  };
}
