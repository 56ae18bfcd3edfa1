/** Turns the reports of children and links into events and counts. */
import type { Log } from "../../io/log/log.js";
import { createEventBuffer, type EventBuffer } from "../events/eventBuffer.js";
import { createEventRecorder } from "../events/eventRecorder.js";
import { createQuestionWatch } from "../events/questionWatch.js";
import type { ChildReport } from "./bmcChild.js";
import { type CounterTotals, createCounterTotals } from "./counterTotals.js";
import type { Fleet } from "./fleet.js";
import type { LinksOptions } from "./links.js";

export interface EventWiring {
  /** What happened, for `vbmc events`. */
  readonly events: EventBuffer;
  /** Counts of BMCs and links; empty unless metrics are enabled. */
  readonly totals: CounterTotals;
  readonly onChildReport: (report: ChildReport) => void;
  readonly ofLinks: Pick<LinksOptions, "onLinkState" | "onCounts" | "onReport" | "onEvent" | "onMedia">;
  /** The state of a BMC has changed. */
  readonly bmcChanged: (name: string) => void;
}

/** @param fleet gets the reports on its VMs */
export function wireEvents(log: Log, fleet: () => Fleet): EventWiring {
  const events = createEventBuffer();
  const totals = createCounterTotals();
  const recorder = createEventRecorder(events);
  const questions = createQuestionWatch(events, log);
  const bmcOf = (name: string) => fleet().running.get(name);
  return {
    events,
    totals,
    onChildReport: (report) => {
      if (report.type === "event") {
        recorder.commanded(report.vmName, report.event);
      } else {
        totals.addBmc(report.vmName, report.counts, report);
      }
    },
    ofLinks: {
      onLinkState: recorder.linkChanged,
      onCounts: totals.addLink,
      onReport: (name, report) => {
        recorder.vmReported(name, report, bmcOf(name)?.state === "running");
        questions.reported(name, report);
        fleet().report(name, report);
      },
      onMedia: (name, slots) => {
        recorder.mediaReported(name, slots);
        fleet().reportMedia(name, slots);
      },
      onEvent: (name, event) => {
        recorder.vmEvent(name, event);
        fleet().forwardEvent(name, event);
      },
    },
    bmcChanged: (name) => recorder.bmcChanged(name, bmcOf(name)),
  };
}
