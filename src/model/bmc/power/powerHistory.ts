/** Records each power change in the SEL once, with its cause, and each power command that failed. */
import { MachineError, type MachineErrorKind } from "../../machine/errors.js";
import type { Events } from "../events/events.js";
import type { PowerAttribution, PowerCommand, PowerTransition } from "./attribution.js";

export interface PowerHistory {
  /** Runs a power command; rejects with what `run` rejects with. */
  readonly during: (command: PowerCommand, run: () => Promise<void>) => Promise<void>;
  readonly turned: (transition: PowerTransition) => void;
  /** An operation failed after its client was told that it is under way. */
  readonly failedLate: (operation: string) => void;
}

/** Such a command was refused, as its client was told: nothing has failed. */
const refusals: readonly MachineErrorKind[] = ["invalidState", "busy", "unsupported"];

export function createPowerHistory(events: Events, attribution: PowerAttribution): PowerHistory {
  /** A cycle under way that has the machine off: its record comes with its end. */
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
    turned: ({ isOn, command }) => {
      if (command?.operation === "cycle") {
        // The cycle as a whole has its record.
        cycledOff = isOn ? undefined : command;
        return;
      }
      // A reset has its record; a VM that goes off after it may have been switched off by somebody else.
      const isItsEffect = command !== undefined && (isOn || command.operation !== "reset");
      const origin = isItsEffect ? command.origin : ({ by: "vsphere" } as const);
      events.record({ type: "power", change: isOn ? "on" : "off", origin });
    },
    failedLate: (operation) => {
      const command = operation === "power" ? attribution.current() : undefined;
      if (command) {
        attribution.failed(command);
      }
      events.record({ type: "operationFailed", operation, ...(command && { origin: command.origin }) });
    },
  };
}
