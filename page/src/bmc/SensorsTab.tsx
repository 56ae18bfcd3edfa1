/** What the sensors read, with a line of what they read since the tab was opened. */
import { useEffect, useRef, useState } from "preact/hooks";

import { listOf, numberOf, objectOf, type Resource, textOf } from "../redfish/client.js";
import type { BmcRow } from "../state/fleet.js";
import { HealthBadge } from "../ui/Badge.js";
import { useResource } from "../ui/useResource.js";
import { Line } from "./Line.js";
import { addReading, type History } from "./sensorHistory.js";

/** A reading costs the vCenter one question in 10 s at most, however many pages ask. */
const intervalMs = 5_000;

export function SensorsTab({ row }: { row: BmcRow }) {
  const { resource, failure } = useResource(`${row.chassisUri}/Sensors?$expand=.`, row.name, intervalMs);
  const history = useRef<History>(new Map());
  const [, redraw] = useState(0);
  const sensors = listOf(resource?.["Members"]);

  useEffect(() => {
    if (resource) {
      for (const sensor of listOf(resource["Members"])) {
        addReading(history.current, textOf(sensor["Id"]) ?? "", numberOf(sensor["Reading"]), Date.now() / 1_000);
      }
      redraw((count) => count + 1);
    }
  }, [resource]);

  return (
    <>
      {failure !== undefined && <p role="alert">{failure}</p>}
      {resource === undefined && failure === undefined && <p>Loading …</p>}
      <div class="scroll" tabIndex={0} role="region" aria-label="List of sensors">
        <table aria-label="Sensors">
          <thead>
            <tr>
              <th>Sensor</th>
              <th>Reading</th>
              <th>Health</th>
              <th>Since this tab was opened</th>
            </tr>
          </thead>
          <tbody>
            {sensors.map((sensor) => (
              <tr key={textOf(sensor["Id"])}>
                <th scope="row">{textOf(sensor["Name"])}</th>
                <td>{readingOf(sensor)}</td>
                <td>
                  <HealthBadge health={textOf(objectOf(sensor["Status"])["Health"])} />
                </td>
                <td>
                  <Line
                    label={`History of ${textOf(sensor["Name"]) ?? ""}`}
                    points={history.current.get(textOf(sensor["Id"]) ?? "") ?? []}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const rounded = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 });

const units: Readonly<Record<string, string>> = {
  Cel: "°C",
  "%": "%",
  W: "W",
  V: "V",
  A: "A",
  "{rev}/min": "RPM",
  MBy: "MB",
  "kBy/s": "kB/s",
};

function readingOf(sensor: Resource): string {
  const reading = numberOf(sensor["Reading"]);
  const unit = textOf(sensor["ReadingUnits"]) ?? "";
  return reading === undefined ? "no reading" : `${rounded.format(reading)} ${units[unit] ?? unit}`.trim();
}
