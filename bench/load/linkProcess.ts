/** A vCenter link in a process of its own, told by its parent what to serve: it measures how long it blocks itself. */
import { readFileSync } from "node:fs";

import { createVcenterLink } from "../../src/process/link/vcenterLink.js";
import type { LinkJob, LinkMeasurement } from "./messages.js";

/** How often it is looked whether the event loop turns, ms. */
const probeMs = 2;

process.once("message", ({ viserver, username, password, vmNames }: LinkJob) => {
  const known = new Set<string>();
  let startedAt = 0;
  let maxTurnMs = 0;
  let failures = 0;
  let turns: Probe | undefined;
  const link = createVcenterLink(
    { viserver, username, password, tls: { insecure: true }, nextBoot: "once" },
    (message) => {
      if (message.type === "linkState") {
        failures += Number(message.linkState.state === "reconnecting");
        if (message.linkState.state === "connected" && !turns) {
          startedAt = performance.now();
          turns = startProbe((ms) => (maxTurnMs = Math.max(maxTurnMs, ms)));
          link.serve(vmNames.map((vmName) => ({ vmName })));
        }
      }
      if (message.type === "machineReport" && message.report.fresh) {
        known.add(message.vmName);
        if (known.size === vmNames.length) {
          // What is reported in this turn belongs to it.
          setTimeout(() => {
            turns?.stop();
            const result: LinkMeasurement = { ms: performance.now() - startedAt, maxTurnMs, failures };
            process.send?.(result);
          }, 2 * probeMs);
        }
      }
    },
  );
});
process.on("disconnect", () => process.exit(0));

interface Probe {
  readonly stop: () => void;
}

/** Tells the CPU time of the main thread between two looks: on a busy machine a turn takes longer, but not more CPU. */
function startProbe(onTurn: (ms: number) => void): Probe {
  let before = cpuMs();
  const timer = setInterval(() => {
    const now = cpuMs();
    onTurn(now - before);
    before = now;
  }, probeMs);
  return { stop: () => clearInterval(timer) };
}

/** Linux, sched-stats: nanoseconds on a processor so far. */
function cpuMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}
