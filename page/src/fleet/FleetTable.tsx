/** The table of BMCs: headings that sort, and a row for each. */
import type { BmcRow } from "../state/fleet.js";
import { columns, type Order } from "./columns.js";
import { FleetRow, type FleetRowProps } from "./FleetRow.js";

export interface FleetTableProps extends Pick<FleetRowProps, "isAllowed" | "onSelect" | "onAction"> {
  readonly rows: readonly BmcRow[];
  readonly isLoading: boolean;
  /** There is no BMC at all. */
  readonly isEmpty: boolean;
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
  readonly selected: ReadonlySet<string>;
  readonly isAllSelected: boolean;
  readonly onSelectAll: (isSelected: boolean) => void;
}

export function FleetTable({
  rows,
  isLoading,
  isEmpty,
  order,
  selected,
  isAllSelected,
  isAllowed,
  ...on
}: FleetTableProps) {
  const { onOrder, onSelect, onSelectAll, onAction } = on;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="List of virtual BMCs">
      <table aria-label="Virtual BMCs" aria-busy={isLoading}>
        <thead>
          <tr>
            <th class="narrow">
              <input
                type="checkbox"
                aria-label="Select all"
                checked={isAllSelected}
                onChange={(event) => onSelectAll(event.currentTarget.checked)}
              />
            </th>
            {columns.map(({ title, className }) => (
              <th
                key={title}
                class={className}
                aria-sort={order.column === title ? (order.isDescending ? "descending" : "ascending") : "none"}
              >
                <button
                  type="button"
                  class="plain"
                  onClick={() =>
                    onOrder({ column: title, isDescending: order.column === title && !order.isDescending })
                  }
                >
                  {title}
                  <span aria-hidden="true">{order.column === title ? (order.isDescending ? " ▾" : " ▴") : ""}</span>
                </button>
              </th>
            ))}
            <th class="narrow">Actions</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <FleetRow
              key={row.name}
              row={row}
              isSelected={selected.has(row.name)}
              isAllowed={isAllowed}
              onSelect={onSelect}
              onAction={onAction}
            />
          ))}
        </tbody>
      </table>
      {isEmpty && (
        <p class="hint">
          There is no BMC yet. Add one with <code>vbmc add</code> and start it with <code>vbmc start</code>.
        </p>
      )}
    </div>
  );
}
