/** The columns of the table: what they show, and by what they sort. */
import type { BmcRow } from "../state/fleet.js";

export interface Column {
  readonly title: "Name" | "Power" | "Health" | "State" | "Address" | "vCenter" | "Console" | "Media" | "Last event";
  /** `wide`: only where there is room. */
  readonly className: string;
  readonly sortText: (row: BmcRow) => string;
}

export interface Order {
  readonly column: Column["title"];
  readonly isDescending: boolean;
}

export const columns: readonly Column[] = [
  { title: "Name", className: "", sortText: ({ name }) => name },
  { title: "Power", className: "", sortText: ({ power }) => power ?? "" },
  { title: "Health", className: "", sortText: ({ health }) => String(severity(health)) },
  { title: "State", className: "", sortText: ({ state }) => state },
  { title: "Address", className: "wide", sortText: addressOf },
  { title: "vCenter", className: "wide", sortText: ({ vcenter }) => vcenter },
  { title: "Console", className: "wide", sortText: ({ console }) => console ?? "" },
  { title: "Media", className: "wide", sortText: ({ media }) => media.join(" ") },
  { title: "Last event", className: "wide", sortText: ({ lastEvent }) => lastEvent?.at ?? "" },
];

function severity(health: string | undefined): number {
  return ["Critical", "Warning", undefined, "OK"].indexOf(health);
}

/** `192.0.2.1:623`, `[2001:db8::1]:623`. */
export function addressOf({ address, port }: BmcRow): string {
  return address === "" ? "" : `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** Every word of the filter is somewhere in the row. */
export function matches(row: BmcRow, filter: string): boolean {
  const { name, power, health, state, reason, vcenter, host, guestHostName, guestAddress, media } = row;
  const texts = [name, power, health, state, reason, addressOf(row), vcenter, host, guestHostName, guestAddress];
  const haystack = [...texts, ...media].join(" ").toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

export function sorted(rows: readonly BmcRow[], title: Column["title"], isDescending: boolean): readonly BmcRow[] {
  const sortText = columns.find((column) => column.title === title)?.sortText ?? (({ name }: BmcRow) => name);
  const collator = new Intl.Collator(undefined, { numeric: true });
  const keyed = rows.map((row) => ({ row, key: sortText(row) }));
  keyed.sort((a, b) => collator.compare(a.key, b.key) || collator.compare(a.row.name, b.row.name));
  return (isDescending ? keyed.reverse() : keyed).map(({ row }) => row);
}
