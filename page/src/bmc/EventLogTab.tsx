/** The System Event Log, newest first. */
import { useMemo, useState } from "preact/hooks";

import { listOf, type Resource, textOf } from "../redfish/client.js";
import { usePage } from "../state/context.js";
import type { BmcRow } from "../state/fleet.js";
import { mayOperate } from "../state/power.js";
import { HealthBadge } from "../ui/Badge.js";
import { Field } from "../ui/Field.js";
import { useAction } from "../ui/useAction.js";
import { useResource } from "../ui/useResource.js";

export function EventLogTab({ row }: { row: BmcRow }) {
  const { client, user } = usePage();
  const logUri = `${row.systemUri}/LogServices/SEL`;
  const { resource, failure, reload } = useResource(`${logUri}/Entries`, row.name);
  const { isBusy, run } = useAction();
  const [filter, setFilter] = useState("");
  const entries = useMemo(() => listOf(resource?.["Members"]).reverse(), [resource]);
  const shown = entries.filter((entry) => lineOf(entry).toLowerCase().includes(filter.toLowerCase()));

  async function clear(): Promise<void> {
    await run(`Clear the event log of ${row.name}`, async () => {
      await client.post(`${logUri}/Actions/LogService.ClearLog`, {});
    });
    reload();
  }

  return (
    <>
      {failure !== undefined && <p role="alert">{failure}</p>}
      <div class="toolbar">
        <Field label="Filter events" value={filter} onChange={setFilter} />
        <p class="count">{resource === undefined ? "Loading …" : `${shown.length} of ${entries.length}`}</p>
        <div class="buttons">
          <button type="button" onClick={() => download(row.name, shown)} disabled={shown.length === 0}>
            Export
          </button>
          <button
            type="button"
            onClick={() => void clear()}
            disabled={isBusy || entries.length === 0 || !mayOperate(user.role)}
          >
            Clear log
          </button>
        </div>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="List of events">
        <table aria-label="Event log">
          <thead>
            <tr>
              <th>Time</th>
              <th>Severity</th>
              <th>Event</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((entry) => (
              <tr key={textOf(entry["@odata.id"])}>
                <td class="time">{timeOf(entry)}</td>
                <td>
                  <HealthBadge health={textOf(entry["Severity"])} />
                </td>
                <td>{textOf(entry["Message"])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function timeOf(entry: Resource): string {
  const created = textOf(entry["Created"]);
  return created === undefined ? "" : new Date(created).toLocaleString();
}

function lineOf(entry: Resource): string {
  return [timeOf(entry), textOf(entry["Severity"]), textOf(entry["Message"])].join(" ");
}

/** As CSV (RFC 4180). */
function download(name: string, entries: readonly Resource[]): void {
  const quoted = (value: string | undefined): string => `"${(value ?? "").replaceAll('"', '""')}"`;
  const lines = entries.map((entry) =>
    ["Created", "Severity", "Message"].map((property) => quoted(textOf(entry[property]))).join(","),
  );
  const url = URL.createObjectURL(new Blob([["Time,Severity,Event", ...lines, ""].join("\r\n")], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}-events.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
