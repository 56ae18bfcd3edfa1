/** DSP0268 "LogService 1.9.0", "LogEntry 1.21.0": IPMI's System Event Log, below the System and below the Manager. */
import { recordText } from "../../../model/sel/recordText.js";
import { selCapacity } from "../../../model/sel/sel.js";
import { boolean } from "../checks.js";
import { dateTime, localOffset, recordTime } from "../dateTime.js";
import { type JsonObject, link } from "../json.js";
import { rootUri } from "../representation.js";
import { type Action, defineCollection, defineResource, type Resource, type Visit } from "../resource.js";
import { eventOf, isSystemEvent } from "./selEvent.js";

const entryType = "LogEntry.v1_21_0.LogEntry";

const clearLog: Action = {
  parameters: {},
  run: async (_parameters, { bmc, principal, remote }) => {
    await bmc.sel.clear(bmc.clock.now());
    const origin = { by: "command", userId: principal?.userId ?? 0, address: remote } as const;
    bmc.events.record({ type: "selCleared", origin });
    return undefined;
  },
};

/** @param template URI of the collection of log services */
function logsAt(template: string, entity: "SystemPart" | "ManagerLog"): readonly Resource[] {
  const logServices = defineCollection({
    uri: template,
    of: "LogService",
    name: "Log Services",
    entity,
    ids: () => ["SEL"],
  });

  const sel = defineResource({
    uri: `${template}/SEL`,
    type: "LogService.v1_9_0.LogService",
    entity,
    volatile: ["DateTime"],
    read: ({ bmc, uri }) => ({
      Id: "SEL",
      Name: "System Event Log",
      LogEntryType: "SEL",
      MaxNumberOfRecords: selCapacity,
      OverWritePolicy: "WrapsWhenFull",
      Overflow: bmc.sel.hasOverflowed(),
      ServiceEnabled: bmc.eventLogging.isEnabled,
      Status: { State: bmc.eventLogging.isEnabled ? "Enabled" : "Disabled", Health: "OK" },
      DateTime: dateTime(bmc.clock),
      DateTimeLocalOffset: localOffset(bmc.clock),
      Entries: link(`${uri}/Entries`),
    }),
    writable: { ServiceEnabled: boolean },
    write: ({ ServiceEnabled }, { bmc }) => {
      bmc.eventLogging.isEnabled = ServiceEnabled === true;
      return Promise.resolve();
    },
    actions: { "LogService.ClearLog": clearLog },
  });

  /** Full entries, not links: Ansible and Tacklebox read the messages in the collection. */
  const entries = defineCollection({
    uri: `${template}/SEL/Entries`,
    of: "LogEntry",
    name: "SEL Entries",
    entity,
    ids: recordIds,
    inline: (id, visit) => ({
      "@odata.type": `#${entryType}`,
      "@odata.id": `${visit.uri}/${id}`,
      ...entryOf(recordOf(id, visit), visit),
    }),
  });

  const entry = defineResource({
    uri: `${template}/SEL/Entries/{entryId}`,
    type: entryType,
    entity,
    has: (visit) => recordOf(visit.params["entryId"] ?? "", visit) !== undefined,
    read: (visit) => entryOf(recordOf(visit.params["entryId"] ?? "", visit), visit),
    remove: async (visit) => {
      await visit.bmc.sel.delete(Number(visit.params["entryId"]), visit.bmc.clock.now());
    },
  });
  return [logServices, sel, entries, entry];
}

/** Oldest first. */
function recordIds({ bmc }: Visit): string[] {
  const ids: string[] = [];
  const first = bmc.sel.first()?.readUInt16LE(0);
  for (let id = first; id !== undefined; id = bmc.sel.idAfter(id)) {
    ids.push(String(id));
  }
  return ids;
}

function recordOf(id: string, { bmc }: Visit): Buffer | undefined {
  return /^[1-9]\d{0,4}$/.test(id) ? bmc.sel.find(Number(id)) : undefined;
}

function entryOf(record: Buffer | undefined, { bmc }: Visit): JsonObject {
  if (!record) {
    return {};
  }
  const id = record.readUInt16LE(0);
  const isEvent = isSystemEvent(record);
  return {
    Id: String(id),
    Name: `Log Entry ${id}`,
    EntryType: "SEL",
    Message: recordText(record),
    ...(isEvent
      ? { Created: recordTime(bmc.clock, record.readUInt32LE(3)), ...eventOf(record) }
      : { Severity: "OK", OemRecordFormat: `Record type ${record.toString("hex", 2, 3)}h` }),
  };
}

export const logResources = [
  ...logsAt(`${rootUri}/Systems/{systemId}/LogServices`, "SystemPart"),
  ...logsAt(`${rootUri}/Managers/{managerId}/LogServices`, "ManagerLog"),
];
