/** The sources of events: the machine's state, new records of the SEL, and tasks. */
import type { Bmc } from "../../../model/bmc/bmc.js";
import { isOn, type MachineUpdate } from "../../../model/bmc/state/machineUpdate.js";
import { recordText } from "../../../model/sel/recordText.js";
import { textOf } from "../json.js";
import { systemUri } from "../resources/identity.js";
import { eventOf, isSystemEvent } from "../resources/selEvent.js";
import { type Task, tasksUri } from "../tasks.js";
import { type RedfishEvent, toEvent } from "./event.js";

/** Returns the function that unsubscribes. */
export function publishFrom(
  bmc: Pick<Bmc, "onUpdate" | "onSelRecord">,
  publish: (event: RedfishEvent) => void,
  now: () => number,
): () => void {
  const ends = [
    bmc.onUpdate((update) => machineEvents(update, now()).forEach(publish)),
    bmc.onSelRecord((record) => publish(selEvent(record, now()))),
  ];
  return () => ends.forEach((end) => end());
}

const healthMessages = {
  green: ["ResourceStatusChangedOK", "OK"],
  yellow: ["ResourceStatusChangedWarning", "Warning"],
  red: ["ResourceStatusChangedCritical", "Critical"],
} as const;

function machineEvents({ snapshot, previous }: MachineUpdate, at: number): RedfishEvent[] {
  if (!previous) {
    return [];
  }
  const about = { type: "StatusChange", resourceType: "ComputerSystem", origin: systemUri, at };
  const power = isOn(snapshot) ? "ResourcePoweredOn" : "ResourcePoweredOff";
  const { overallStatus: health } = snapshot;
  const isHealthNew = health !== undefined && health !== "gray" && health !== previous.overallStatus;
  return [
    ...(isOn(snapshot) === isOn(previous) ? [] : [toEvent(power, { ...about, args: [systemUri] })]),
    ...(isHealthNew
      ? [toEvent(healthMessages[health][0], { ...about, args: [systemUri, healthMessages[health][1]] })]
      : []),
  ];
}

function selEvent(record: Buffer, at: number): RedfishEvent {
  const origin = `${systemUri}/LogServices/SEL/Entries/${record.readUInt16LE(0)}`;
  return toEvent("ResourceCreated", {
    type: "Alert",
    resourceType: "LogEntry",
    origin,
    logEntry: origin,
    at,
    text: recordText(record),
    severity: isSystemEvent(record) ? textOf(eventOf(record)["Severity"]) : "OK",
  });
}

export function taskEvent({ id, result }: Task, at: number): RedfishEvent {
  const name = result === undefined ? "TaskStarted" : result.status >= 400 ? "TaskAborted" : "TaskCompletedOK";
  return toEvent(name, { type: "StatusChange", resourceType: "Task", origin: `${tasksUri}/${id}`, at, args: [id] });
}
