/** Makes events and counts of what children and links report. */
import type { Log } from "../../io/log/log.js";
import { createChronicle } from "../events/chronicle.js";
import { createEventRing, type EventRing } from "../events/eventRing.js";
import { createQuestionWatch } from "../events/questionWatch.js";
import type { ChildNews } from "./bmcChild.js";
import type { Fleet } from "./fleet.js";
import type { LinksOptions } from "./links.js";
import { createTally, type Tally } from "./tally.js";

export interface EventWiring {
  /** What happened, for `vbmc events`. */
  readonly events: EventRing;
  /** What BMCs and links have counted; empty unless metrics are wanted. */
  readonly tally: Tally;
  readonly onNews: (news: ChildNews) => void;
  readonly ofLinks: Pick<LinksOptions, "onLinkState" | "onCounts" | "onReport" | "onEvent" | "onMedia">;
  /** A BMC has another state than before. */
  readonly bmcChanged: (name: string) => void;
}

/** @param fleet gets what is reported of its VMs */
export function wireEvents(log: Log, fleet: () => Fleet): EventWiring {
  const events = createEventRing();
  const tally = createTally();
  const chronicle = createChronicle(events);
  const questions = createQuestionWatch(events, log);
  const bmcOf = (name: string) => fleet().running.get(name);
  return {
    events,
    tally,
    onNews: (news) => {
      if (news.type === "event") {
        chronicle.commanded(news.vmName, news.event);
      } else {
        tally.addBmc(news.vmName, news.counts, news);
      }
    },
    ofLinks: {
      onLinkState: chronicle.linkChanged,
      onCounts: tally.addLink,
      onReport: (name, report) => {
        chronicle.vmReported(name, report, bmcOf(name)?.state === "running");
        questions.reported(name, report);
        fleet().report(name, report);
      },
      onMedia: (name, slots) => {
        chronicle.mediaReported(name, slots);
        fleet().reportMedia(name, slots);
      },
      onEvent: (name, event) => {
        chronicle.vmEvent(name, event);
        fleet().passOn(name, event);
      },
    },
    bmcChanged: (name) => chronicle.bmcChanged(name, bmcOf(name)),
  };
}
