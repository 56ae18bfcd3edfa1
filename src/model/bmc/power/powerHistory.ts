/** What becomes of the machine's power, told once and put down to whoever did it: a command, or somebody in vSphere. */
import { MachineError, type MachineErrorKind } from "../../machine/errors.js";
import type { PowerOperation } from "../../machine/machine.js";
import type { MachineSnapshot } from "../../machine/snapshot.js";
import type { EventOrigin, Events } from "../events/events.js";
import type { Timers } from "../timers.js";

export interface PowerHistory {
  /** Runs an operation in the name of its origin; rejects with what `run` rejects with. */
  readonly during: (operation: PowerOperation, origin: EventOrigin, run: () => Promise<void>) => Promise<void>;
  /** Takes every report of the machine's state. */
  readonly observe: (snapshot: MachineSnapshot) => void;
  /** An operation failed after its client had been told that it is under way. */
  readonly failedLate: (operation: string) => void;
}

interface Command {
  readonly operation: PowerOperation;
  readonly origin: EventOrigin;
  /** When the effect can no longer be put down to it, ms. */
  readonly until: number;
  /** The machine went off in the course of a cycle, whose record is still to come. */
  isOff: boolean;
}

/** A guest may take minutes to shut down, and vCenter to run a task, ms. */
const reachMs = 300_000;
/** Such a command was refused, which its client was told: nothing has failed. */
const refusals: readonly MachineErrorKind[] = ["invalidState", "busy", "unsupported"];

export function createPowerHistory(events: Events, timers: Timers): PowerHistory {
  let command: Command | undefined;
  let isOn: boolean | undefined;

  function turned(on: boolean): void {
    const current = command && timers.now() < command.until ? command : undefined;
    if (current?.operation === "cycle") {
      // The cycle as a whole has its record; with the power back it is over.
      current.isOff = !on;
      command = on ? undefined : command;
      return;
    }
    const isItsEffect = on
      ? current?.operation === "on"
      : current?.operation === "off" || current?.operation === "softShutdown";
    events.record({
      type: "power",
      change: on ? "on" : "off",
      origin: current && isItsEffect ? current.origin : { by: "vsphere" },
    });
    command = isItsEffect ? undefined : command;
  }

  return {
    during: async (operation, origin, run) => {
      const own: Command = { operation, origin, until: timers.now() + reachMs, isOff: false };
      command = own;
      try {
        await run();
      } catch (error) {
        command = command === own ? undefined : command;
        if (own.isOff) {
          events.record({ type: "power", change: "off", origin });
        }
        if (!(error instanceof MachineError) || !refusals.includes(error.kind)) {
          events.record({ type: "operationFailed", operation: "power", origin });
        }
        throw error;
      }
      if (operation === "reset" || operation === "cycle") {
        events.record({ type: "power", change: operation, origin });
      }
    },
    observe: (snapshot) => {
      const wasOn = isOn;
      isOn = snapshot.powerState === "poweredOn";
      if (wasOn !== undefined && wasOn !== isOn) {
        turned(isOn);
      }
    },
    failedLate: (operation) => {
      const origin = operation === "power" ? command?.origin : undefined;
      command = operation === "power" ? undefined : command;
      events.record({ type: "operationFailed", operation, ...(origin && { origin }) });
    },
  };
}
