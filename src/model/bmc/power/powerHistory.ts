/** Records each power change in the SEL once, with its cause, and each power command that failed. */
import { defined } from "../../../base/defined.js";
import { MachineError, type MachineErrorKind } from "../../machine/errors.js";
import type { Events } from "../events/events.js";
import type { PowerAttribution, PowerCommand, PowerTransition } from "./attribution.js";

export interface PowerHistory {
  /** Runs a power command; rejects with what `run` rejects with. */
  readonly during: (command: PowerCommand, run: () => Promise<void>) => Promise<void>;
  readonly powerChanged: (transition: PowerTransition) => void;
  /** An operation failed after its client had been answered. */
  readonly failedLate: (operation: string) => void;
}

/** Such a command was refused, as its client knows: it did not fail. */
const refusals: readonly MachineErrorKind[] = ["invalidState", "busy", "unsupported"];

export function createPowerHistory(events: Events, attribution: PowerAttribution): PowerHistory {
  /** A power cycle in progress that has powered off the machine: its record follows when it ends. */
  let cycledOff: PowerCommand | undefined;

  function failed(command: PowerCommand, error: unknown): void {
    const { origin } = command;
    attribution.failed(command);
    if (cycledOff === command) {
      events.record({ type: "power", change: "off", origin });
    }
    if (!(error instanceof MachineError) || !refusals.includes(error.kind)) {
      events.record({ type: "operationFailed", operation: "power", origin });
    }
  }

  return {
    during: async (command, run) => {
      const { operation, origin } = command;
      attribution.begin(command);
      try {
        await run();
      } catch (error) {
        failed(command, error);
        throw error;
      }
      attribution.answered(command);
      if (operation === "reset" || operation === "cycle" || operation === "softReset") {
        events.record({ type: "power", change: operation, origin });
      }
    },
    powerChanged: ({ isOn, command }) => {
      if (command?.operation === "cycle") {
        // The cycle is recorded as a whole.
        cycledOff = isOn ? undefined : command;
        return;
      }
      // The reset is recorded already; a VM that powers off after it may have another cause.
      const isItsEffect = command !== undefined && (isOn || command.operation !== "reset");
      const origin = isItsEffect ? command.origin : ({ by: "vsphere" } as const);
      events.record({ type: "power", change: isOn ? "on" : "off", origin });
    },
    failedLate: (operation) => {
      const command = operation === "power" ? attribution.current() : undefined;
      if (command) {
        attribution.failed(command);
      }
      events.record(defined({ type: "operationFailed", operation, origin: command?.origin }));
    },
  };
}
