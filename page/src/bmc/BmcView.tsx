/** One BMC: its power buttons, and a tab for each thing that people look at. */
import { usePage } from "../state/context.js";
import type { BmcRow } from "../state/fleet.js";
import { mayOperate, powerActions, reset } from "../state/power.js";
import { hrefOf, type Tab, tabs } from "../state/route.js";
import { useStore } from "../state/store.js";
import { Badge, HealthBadge, PowerBadge } from "../ui/Badge.js";
import { Tabs } from "../ui/Tabs.js";
import { useAction } from "../ui/useAction.js";
import { BootTab } from "./BootTab.js";
import { ConsoleTab } from "./ConsoleTab.js";
import { EventLogTab } from "./EventLogTab.js";
import { MediaTab } from "./MediaTab.js";
import { OverviewTab } from "./OverviewTab.js";
import { SensorsTab } from "./SensorsTab.js";

export function BmcView({ name, tab }: { name: string; tab: Tab }) {
  const { fleet } = usePage();
  const rows = useStore(fleet.rows);
  const row = rows?.find((each) => each.name === name);
  return (
    <>
      <p class="back">
        <a href={hrefOf()}>← All virtual BMCs</a>
      </p>
      <h1>{name}</h1>
      {row === undefined ? (
        <p role={rows === undefined ? "status" : "alert"}>
          {rows === undefined ? "Loading …" : `There is no BMC named ${name}, or your account does not see it.`}
        </p>
      ) : (
        <Known row={row} tab={tab} />
      )}
    </>
  );
}

function Known({ row, tab }: { row: BmcRow; tab: Tab }) {
  const { client, user } = usePage();
  const { isBusy, run } = useAction();
  const isAllowed = mayOperate(user.role);
  return (
    <>
      <div class="toolbar level">
        <PowerBadge power={row.power} />
        <HealthBadge health={row.health} />
        <Badge kind={row.state === "running" ? "good" : row.state === "error" ? "bad" : "neutral"}>{row.state}</Badge>
        {row.reason !== undefined && <span class="reason">{row.reason}</span>}
        <div class="buttons" role="group" aria-label="Power">
          {powerActions.map((action) => (
            <button
              type="button"
              key={action.label}
              disabled={!isAllowed || isBusy}
              onClick={() => void run(`${action.label}: ${row.name}`, () => reset(client, row.systemUri, action))}
            >
              {action.label}
            </button>
          ))}
        </div>
      </div>
      <Tabs
        label={`Views of ${row.name}`}
        tabs={tabs}
        selected={tab}
        onSelect={(next) => {
          location.hash = hrefOf(row.name, next);
        }}
      >
        <TabContent row={row} tab={tab} />
      </Tabs>
    </>
  );
}

function TabContent({ row, tab }: { row: BmcRow; tab: Tab }) {
  switch (tab) {
    case "Overview":
      return <OverviewTab row={row} />;
    case "Sensors":
      return <SensorsTab row={row} />;
    case "Event log":
      return <EventLogTab row={row} />;
    case "Boot":
      return <BootTab row={row} />;
    case "Media":
      return <MediaTab row={row} />;
    case "Console":
      return <ConsoleTab row={row} />;
  }
}
