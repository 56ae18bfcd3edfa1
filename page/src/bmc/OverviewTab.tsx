/** Who the machine is and how it fares, who may log in to its BMC, and the lines that other tools need. */
import { addressOf } from "../fleet/columns.js";
import { listOf, numberOf, objectOf, type Resource, textOf } from "../redfish/client.js";
import type { BmcRow } from "../state/fleet.js";
import { Copy } from "../ui/Copy.js";
import { useResource } from "../ui/useResource.js";
import { exampleLines } from "./exampleLines.js";
import { Screen } from "./Screen.js";

export function OverviewTab({ row }: { row: BmcRow }) {
  const system = useResource(row.systemUri, row.name);
  const manager = useResource(row.managerUri);
  const accounts = useResource(`${row.managerUri}/RemoteAccountService/Accounts?$expand=.`);
  return (
    <>
      {system.failure !== undefined && <p role="alert">{system.failure}</p>}
      <div class="columns">
        <section>
          <h2>Machine</h2>
          <Facts facts={machineFacts(system.resource ?? {}, row)} />
        </section>
        <section>
          <h2>BMC</h2>
          <Facts facts={bmcFacts(manager.resource ?? {}, row)} />
        </section>
        <Screen row={row} />
      </div>
      <section>
        <h2>Users</h2>
        {accounts.failure !== undefined && <p role="alert">{accounts.failure}</p>}
        <Users accounts={listOf(accounts.resource?.["Members"])} />
      </section>
      <section>
        <h2>Use it with other tools</h2>
        {exampleLines(row).map(({ label, text }) => (
          <Copy key={label} label={label} text={text} />
        ))}
      </section>
    </>
  );
}

type Fact = readonly [string, string | undefined];

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl>
      {facts.map(([name, value]) =>
        value === undefined || value === "" ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

function machineFacts(system: Resource, row: BmcRow): Fact[] {
  const processors = objectOf(system["ProcessorSummary"]);
  const memory = objectOf(system["MemorySummary"]);
  const cpus = numberOf(processors["LogicalProcessorCount"]);
  const gib = numberOf(memory["TotalSystemMemoryGiB"]);
  return [
    ["Name in vCenter", textOf(system["Name"])],
    ["UUID", textOf(system["UUID"])],
    ["Model", textOf(system["Model"])],
    ["Serial number", textOf(system["SerialNumber"])],
    ["Asset tag", textOf(system["AssetTag"])],
    ["Firmware", textOf(system["BiosVersion"])],
    ["CPUs", cpus === undefined ? undefined : String(cpus)],
    ["Memory", gib === undefined ? undefined : `${gib} GiB`],
    ["Guest", textOf(system["HostName"]) ?? row.guestHostName],
    ["Guest address", row.guestAddress],
    ["Boot progress", textOf(objectOf(system["BootProgress"])["LastState"])],
    ["Powered on since", uptimeOf(system)],
    ["ESXi host", row.host],
  ];
}

function uptimeOf(system: Resource): string | undefined {
  const since = textOf(system["LastResetTime"]);
  if (since === undefined || system["PowerState"] !== "On") {
    return undefined;
  }
  const minutes = Math.floor((Date.now() - Date.parse(since)) / 60_000);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60)];
  const parts = [days > 0 ? `${days} d` : "", hours > 0 ? `${hours} h` : "", `${minutes % 60} min`];
  return `${new Date(since).toLocaleString()} (${parts.filter((part) => part !== "").join(" ")})`;
}

function bmcFacts(manager: Resource, row: BmcRow): Fact[] {
  return [
    ["IPMI", addressOf(row)],
    ["Redfish", row.redfishPort === undefined ? "through this server" : `port ${row.redfishPort}`],
    ["vCenter", row.vcenter],
    ["Version", textOf(manager["FirmwareVersion"])],
    ["Clock", textOf(manager["DateTime"])],
    ["Last event", row.lastEvent && `${new Date(row.lastEvent.at).toLocaleString()}: ${row.lastEvent.text}`],
  ];
}

function Users({ accounts }: { accounts: readonly Resource[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="List of users">
      <table aria-label="Users">
        <thead>
          <tr>
            <th>Slot</th>
            <th>User name</th>
            <th>Role</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {accounts.map((account) => (
            <tr key={textOf(account["Id"])}>
              <td>{textOf(account["Id"])}</td>
              <th scope="row">{textOf(account["UserName"])}</th>
              <td>{textOf(account["RoleId"])}</td>
              <td>{account["Locked"] === true ? "locked" : account["Enabled"] === false ? "disabled" : "enabled"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
