/** Whether an adapter is connected; while the VM is off, whether it will be at the next start. */
import type { NetworkCard } from "../../../model/machine/inventory.js";
import type { JsonObject } from "../json.js";
import type { Visit } from "../resource.js";

export interface CardState {
  readonly isEnabled: boolean;
  readonly LinkStatus: "LinkUp" | "LinkDown" | "NoLink";
  readonly Status: JsonObject;
}

export function cardStateOf(card: NetworkCard, { machine }: Visit): CardState {
  const isOn = machine.snapshot()?.powerState === "poweredOn";
  const isEnabled = (isOn ? card.isConnected : card.startsConnected) ?? true;
  return {
    isEnabled,
    LinkStatus: !isEnabled ? "NoLink" : isOn ? "LinkUp" : "LinkDown",
    // sushy only uses addresses of adapters whose Health is OK.
    Status: isEnabled ? { State: "Enabled", Health: "OK" } : { State: "Disabled", Health: null },
  };
}
