/** What a change of a BMC's summary means as events (registry ResourceEvent 1.4). */
import type { BmcSummary } from "../../../model/fleet/summary.js";
import { type RedfishEvent, toEvent } from "../events/event.js";
import type { EventMessage } from "../events/eventMessages.js";
import { bmcUri } from "./resources/bmcs.js";
import { uriOf } from "./uris.js";

const healthMessages = {
  OK: "ResourceStatusChangedOK",
  Warning: "ResourceStatusChangedWarning",
  Critical: "ResourceStatusChangedCritical",
} as const satisfies Readonly<Record<string, EventMessage>>;

/** @param at ms since the epoch */
export function summaryEvents(
  name: string,
  before: BmcSummary | undefined,
  after: BmcSummary | undefined,
  at: number,
): RedfishEvent[] {
  const bmc = { resourceType: "VbmcBmc", origin: bmcUri(name), at };
  if (!before || !after) {
    return [
      before
        ? toEvent("ResourceRemoved", { ...bmc, type: "ResourceRemoved" })
        : toEvent("ResourceCreated", { ...bmc, type: "ResourceAdded" }),
    ];
  }
  const system = uriOf("Systems", name);
  const about = { type: "StatusChange", resourceType: "ComputerSystem", origin: system, at };
  const { power, health } = after;
  const isPowerNew = power !== undefined && before.power !== undefined && isOn(power) !== isOn(before.power);
  const isHealthNew = health !== undefined && before.health !== undefined && health !== before.health;
  return [
    ...(isPowerNew
      ? [toEvent(isOn(power) ? "ResourcePoweredOn" : "ResourcePoweredOff", { ...about, args: [system] })]
      : []),
    ...(isHealthNew ? [toEvent(healthMessages[health], { ...about, args: [system, health] })] : []),
    toEvent("ResourceChanged", { ...bmc, type: "ResourceUpdated" }),
  ];
}

function isOn(power: BmcSummary["power"]): boolean {
  return power === "On";
}
