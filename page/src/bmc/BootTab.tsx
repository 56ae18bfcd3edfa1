/** From what the machine boots next, or from now on (DSP0268 "Boot"). */
import { useEffect, useState } from "preact/hooks";

import { objectOf, textOf, textsOf } from "../redfish/client.js";
import { usePage } from "../state/context.js";
import type { BmcRow } from "../state/fleet.js";
import { mayOperate } from "../state/power.js";
import { useAction } from "../ui/useAction.js";
import { useResource } from "../ui/useResource.js";

const labels: Readonly<Record<string, string>> = {
  None: "The machine's own boot order",
  Pxe: "Network (PXE)",
  Hdd: "Hard disk",
  Cd: "CD/DVD",
  Floppy: "Floppy disk",
  BiosSetup: "Firmware setup",
  UefiTarget: "UEFI target",
};

export function BootTab({ row }: { row: BmcRow }) {
  const { client, user } = usePage();
  const { resource, failure, reload } = useResource(row.systemUri, row.name);
  const { isBusy, run } = useAction();
  const boot = objectOf(resource?.["Boot"]);
  const target = textOf(boot["BootSourceOverrideTarget"]) ?? "None";
  const enabled = textOf(boot["BootSourceOverrideEnabled"]) ?? "Disabled";
  const [chosen, setChosen] = useState(target);
  const [isOnce, setOnce] = useState(true);

  useEffect(() => {
    setChosen(enabled === "Disabled" ? "None" : target);
    setOnce(enabled !== "Continuous");
  }, [target, enabled]);

  async function apply(event: Event): Promise<void> {
    event.preventDefault();
    const isNone = chosen === "None";
    const wanted = isNone
      ? { BootSourceOverrideEnabled: "Disabled", BootSourceOverrideTarget: "None" }
      : { BootSourceOverrideEnabled: isOnce ? "Once" : "Continuous", BootSourceOverrideTarget: chosen };
    const words = isNone ? "its own boot order" : `${labels[chosen] ?? chosen}${isOnce ? ", once" : ""}`;
    await run(`${row.name} boots from ${words}`, async () => {
      await client.patch(row.systemUri, { Boot: wanted });
    });
    reload();
  }

  const allowed = textsOf(boot["BootSourceOverrideTarget@Redfish.AllowableValues"]);
  const targets = [...new Set(["None", ...allowed])];
  const isDisabled = isBusy || resource === undefined || !mayOperate(user.role);
  return (
    <>
      {failure !== undefined && <p role="alert">{failure}</p>}
      <p>
        {enabled === "Disabled" || target === "None"
          ? "The machine boots by its own boot order."
          : `The machine boots from ${labels[target] ?? target} ${enabled === "Once" ? "with its next start" : "with every start"}.`}
      </p>
      <form class="line" onSubmit={(event) => void apply(event)}>
        <div class="field">
          <label for="boot-from">Boot from</label>
          <select
            id="boot-from"
            value={chosen}
            disabled={isDisabled}
            onChange={(event) => setChosen(event.currentTarget.value)}
          >
            {targets.map((each) => (
              <option key={each} value={each}>
                {labels[each] ?? each}
              </option>
            ))}
          </select>
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={isOnce}
            disabled={isDisabled || chosen === "None"}
            onChange={(event) => setOnce(event.currentTarget.checked)}
          />
          Once
        </label>
        <button type="submit" class="primary" disabled={isDisabled}>
          Set boot device
        </button>
      </form>
      <p class="hint">This starts nothing: the machine boots from it when it is powered on or reset.</p>
    </>
  );
}
