/** All BMCs in one table, with actions on one or on many. */
import { useCallback, useMemo, useState } from "preact/hooks";

import { RedfishFailure } from "../redfish/client.js";
import { usePage } from "../state/context.js";
import { mayOperate, type PowerAction, powerActions, reset } from "../state/power.js";
import { useStore } from "../state/store.js";
import { Confirm } from "../ui/Confirm.js";
import { Field } from "../ui/Field.js";
import { matches, type Order, sorted } from "./columns.js";
import { FleetTable } from "./FleetTable.js";

/** Requests at a time: the server has a limit of connections, the browser one of its own. */
const maxParallel = 6;

export function FleetView() {
  const { client, fleet, messages, user } = usePage();
  const rows = useStore(fleet.rows);
  const failure = useStore(fleet.failure);
  const [filter, setFilter] = useState("");
  const [order, setOrder] = useState<Order>({ column: "Name", isDescending: false });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [confirming, setConfirming] = useState<PowerAction>();

  const shown = useMemo(
    () =>
      sorted(
        (rows ?? []).filter((row) => matches(row, filter)),
        order.column,
        order.isDescending,
      ),
    [rows, filter, order],
  );
  const chosen = shown.filter(({ name }) => selected.has(name));
  const isAllowed = mayOperate(user.role);

  const select = useCallback((name: string, isSelected: boolean): void => {
    setSelected((before) => {
      const next = new Set(before);
      if (isSelected) {
        next.add(name);
      } else {
        next.delete(name);
      }
      return next;
    });
  }, []);

  const act = useCallback(
    async (action: PowerAction, names: readonly string[]): Promise<void> => {
      const text = `${action.label}: ${names.length === 1 ? (names[0] ?? "") : `${names.length} machines`}`;
      messages.say(`${text} …`);
      const failed = await forEach(names, async (name) => {
        const row = fleet.rows.get()?.find((each) => each.name === name);
        await reset(client, row?.systemUri ?? "", action).catch((error: unknown) => {
          messages.fail(`${action.label}: ${name}: ${error instanceof RedfishFailure ? error.message : String(error)}`);
          throw error;
        });
      });
      messages.say(failed === 0 ? `${text}: done` : names.length === 1 ? "" : `${text}: ${failed} failed`);
    },
    [client, fleet, messages],
  );

  const actOnOne = useCallback((action: PowerAction, name: string) => void act(action, [name]), [act]);

  return (
    <>
      <h1>Virtual BMCs</h1>
      <div class="toolbar">
        <Field label="Filter" value={filter} onChange={setFilter} placeholder="name, address, vCenter …" />
        <p class="count">
          {rows === undefined ? "Loading …" : `${shown.length} of ${rows.length}`}
          {chosen.length > 0 && `, ${chosen.length} selected`}
        </p>
        {isAllowed && (
          <div class="buttons" role="group" aria-label="Actions on the selected machines">
            {powerActions.map((action) => (
              <button
                type="button"
                key={action.label}
                disabled={chosen.length === 0}
                onClick={() => setConfirming(action)}
              >
                {action.label}
              </button>
            ))}
          </div>
        )}
      </div>
      {failure !== undefined && <p role="alert">{failure}</p>}
      <FleetTable
        rows={shown}
        isLoading={rows === undefined}
        isEmpty={rows?.length === 0}
        order={order}
        onOrder={setOrder}
        selected={selected}
        isAllSelected={shown.length > 0 && chosen.length === shown.length}
        isAllowed={isAllowed}
        onSelect={select}
        onSelectAll={(isSelected) => setSelected(new Set(isSelected ? shown.map(({ name }) => name) : []))}
        onAction={actOnOne}
      />
      {confirming && (
        <Confirm
          action={confirming.label}
          names={chosen.map(({ name }) => name)}
          onCancel={() => setConfirming(undefined)}
          onConfirm={() => {
            setConfirming(undefined);
            void act(
              confirming,
              chosen.map(({ name }) => name),
            );
          }}
        />
      )}
    </>
  );
}

/** Returns how many have failed. */
async function forEach(names: readonly string[], work: (name: string) => Promise<void>): Promise<number> {
  const waiting = [...names];
  let failed = 0;
  const next = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      await work(name).catch(() => failed++);
    }
  };
  await Promise.all(Array.from({ length: maxParallel }, next));
  return failed;
}
