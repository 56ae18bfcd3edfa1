/** One row: rendered again only when it changes, since there may be a thousand. */
import { Component } from "preact";

import type { BmcRow } from "../state/fleet.js";
import { type PowerAction, powerActions } from "../state/power.js";
import { hrefOf } from "../state/route.js";
import { Badge, HealthBadge, PowerBadge } from "../ui/Badge.js";
import { Menu } from "../ui/Menu.js";
import { addressOf } from "./columns.js";

export interface FleetRowProps {
  readonly row: BmcRow;
  readonly isSelected: boolean;
  readonly isAllowed: boolean;
  readonly onSelect: (name: string, isSelected: boolean) => void;
  readonly onAction: (action: PowerAction, name: string) => void;
}

const stateKinds: Readonly<Partial<Record<string, "good" | "bad">>> = { running: "good", error: "bad" };

export class FleetRow extends Component<FleetRowProps> {
  override shouldComponentUpdate(next: FleetRowProps): boolean {
    const { row, isSelected, isAllowed } = this.props;
    const isSame = row === next.row || JSON.stringify(row) === JSON.stringify(next.row);
    return !isSame || isSelected !== next.isSelected || isAllowed !== next.isAllowed;
  }

  override render({ row, isSelected, isAllowed, onSelect, onAction }: FleetRowProps) {
    const { name, power, health, state, reason, vcenter, console, media, lastEvent } = row;
    return (
      <tr data-selected={isSelected}>
        <td class="narrow">
          <input
            type="checkbox"
            aria-label={`Select ${name}`}
            checked={isSelected}
            onChange={(event) => onSelect(name, event.currentTarget.checked)}
          />
        </td>
        <th scope="row">
          <a href={hrefOf(name)}>{name}</a>
        </th>
        <td>
          <PowerBadge power={power} />
        </td>
        <td>
          <HealthBadge health={health} />
        </td>
        <td>
          <Badge kind={stateKinds[state] ?? "neutral"}>{state}</Badge>
          {reason !== undefined && <span class="reason">{reason}</span>}
        </td>
        <td class="wide whole">{addressOf(row)}</td>
        <td class="wide whole">{vcenter}</td>
        <td class="wide whole">{console ?? "–"}</td>
        <td class="wide">{media.length === 0 ? "–" : media.join(", ")}</td>
        <td class="wide">
          {lastEvent === undefined ? (
            "–"
          ) : (
            <>
              <time dateTime={lastEvent.at}>{new Date(lastEvent.at).toLocaleTimeString()}</time> {lastEvent.text}
            </>
          )}
        </td>
        <td class="narrow">
          <Menu
            label={`Actions for ${name}`}
            items={powerActions.map((action) => ({
              label: action.label,
              isDisabled: !isAllowed,
              onSelect: () => onAction(action, name),
            }))}
          />
        </td>
      </tr>
    );
  }
}
