/** Attributes each change of the machine's power to its cause: the last power command, or somebody else in vSphere. */
import type { PowerOperation } from "../../machine/machine.js";
import type { EventOrigin } from "../events/events.js";
import type { RestartCause } from "./restartCause.js";

/** A power command, from when it is given until its effect has shown or can no longer be put down to it. */
export interface PowerCommand {
  readonly operation: PowerOperation;
  readonly origin: EventOrigin;
  /** Cause of a start that it makes. */
  readonly cause: RestartCause;
}

/** `command` is absent where the machine was switched by a vSphere client, by vSphere itself, or by the guest. */
export interface PowerTransition {
  readonly isOn: boolean;
  readonly command?: PowerCommand;
}

export interface PowerAttribution {
  readonly begin: (command: PowerCommand) => void;
  /** The command's client has been answered: the task has ended, or goes on in vCenter. */
  readonly answered: (command: PowerCommand) => void;
  /** The command has failed: nothing is put down to it any more. */
  readonly failed: (command: PowerCommand) => void;
  /** The command whose effect may still show. */
  readonly current: () => PowerCommand | undefined;
  /** The machine went on or off. */
  readonly turned: (isOn: boolean) => PowerTransition;
}

/** The power states that an operation leads through, in their order. */
const effects: Readonly<Record<PowerOperation, readonly ("off" | "on")[]>> = {
  on: ["on"],
  off: ["off"],
  softShutdown: ["off"],
  cycle: ["off", "on"],
  // Some hypervisors (govmomi's simulator) show a reset as off and on again.
  reset: ["off", "on"],
  // The guest restarts by itself: the machine stays on.
  softReset: [],
};

/** A guest may take minutes to shut down, and vCenter to run a task, ms. */
const attributionWindowMs = 300_000;
/** A reset has happened when it is answered; what it shows follows at once, ms. */
const resetWindowMs = 10_000;

export function createPowerAttribution(now: () => number): PowerAttribution {
  let open: { readonly command: PowerCommand; until: number; isAnswered: boolean } | undefined;

  function current(): typeof open {
    return open && now() < open.until ? open : undefined;
  }

  return {
    begin: (command) => {
      open = { command, until: now() + attributionWindowMs, isAnswered: false };
    },
    answered: (command) => {
      if (open?.command === command) {
        open.isAnswered = true;
        open.until = command.operation === "reset" ? now() + resetWindowMs : open.until;
      }
    },
    failed: (command) => {
      open = open?.command === command ? undefined : open;
    },
    current: () => current()?.command,
    turned: (isOn) => {
      const present = current();
      const effect = isOn ? "on" : "off";
      const states = present ? effects[present.command.operation] : [];
      if (present && states.includes(effect)) {
        open = states.at(-1) === effect ? undefined : open;
        return { isOn, command: present.command };
      }
      // It found the machine in the state that was wanted. Until it is answered, this may be the effect of the one before.
      open = present?.isAnswered ? undefined : open;
      return { isOn };
    },
  };
}
