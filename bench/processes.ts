/** Memory and CPU time of processes, from /proc. */
import { readdirSync, readFileSync } from "node:fs";

/** A process and all that descend from it. */
export function treeOf(pid: number): number[] {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(treeOf)];
}

/** Proportional set size, MB (10^6 bytes): shared pages are counted once over all who share them. */
export function pssMegabytes(pids: readonly number[]): number {
  const kibibytes = pids.map((pid) => Number(/^Pss: +(\d+) kB/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0));
  return (sum(kibibytes) * 1024) / 1e6;
}

/** Time on a processor so far, seconds, all threads together. */
export function cpuSeconds(pids: readonly number[]): number {
  const threads = pids.flatMap((pid) => entriesOf(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`));
  return sum(threads.map((thread) => Number(textOf(`${thread}/schedstat`).split(" ")[0] ?? 0))) / 1e9;
}

/** The processes of a fleet by what they do. */
export function byRole([supervisor = 0, ...others]: readonly number[]): Record<
  "supervisor" | "links" | "children",
  number[]
> {
  return {
    supervisor: [supervisor],
    links: others.filter((pid) => titleOf(pid).startsWith("vbmc-link: ")),
    children: others.filter((pid) => titleOf(pid).startsWith("vbmc: ")),
  };
}

/** What `ps` shows. */
export function titleOf(pid: number): string {
  return textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Empty for a process that has gone. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
