/** Attributes each change of the machine's power to its cause: the last power command, or another action in vSphere. */
import type { PowerOperation } from "../../machine/machine.js";
import type { EventOrigin } from "../events/events.js";
import type { RestartCause } from "./restartCause.js";

/** A power command, from its start until its effect has been observed or can no longer be attributed to it. */
export interface PowerCommand {
  readonly operation: PowerOperation;
  readonly origin: EventOrigin;
  /** Cause of a start by this command. */
  readonly cause: RestartCause;
}

/** `command` is absent if the machine was switched by a vSphere client, by vSphere itself, or by the guest. */
export interface PowerTransition {
  readonly isOn: boolean;
  readonly command?: PowerCommand;
}

export interface PowerAttribution {
  readonly begin: (command: PowerCommand) => void;
  /** The command's client has been answered: the task has ended, or continues in vCenter. */
  readonly answered: (command: PowerCommand) => void;
  /** The command has failed: nothing more is attributed to it. */
  readonly failed: (command: PowerCommand) => void;
  /** The command whose effect may still be observed. */
  readonly current: () => PowerCommand | undefined;
  /** The machine was powered on or off. */
  readonly powerChanged: (isOn: boolean) => PowerTransition;
}

/** The power states of an operation, in order. */
const effects: Readonly<Record<PowerOperation, readonly ("off" | "on")[]>> = {
  on: ["on"],
  off: ["off"],
  softShutdown: ["off"],
  cycle: ["off", "on"],
  // Some hypervisors (govmomi's simulator) show a reset as off and on again.
  reset: ["off", "on"],
  // A guest that restarts itself: the machine stays on.
  softReset: [],
};

/** A guest may take minutes to shut down, and vCenter to run a task, ms. */
const attributionWindowMs = 300_000;
/** A reset has happened when it is answered; its effects follow immediately, ms. */
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
    powerChanged: (isOn) => {
      const present = current();
      const effect = isOn ? "on" : "off";
      const states = present ? effects[present.command.operation] : [];
      if (present && states.includes(effect)) {
        open = states.at(-1) === effect ? undefined : open;
        return { isOn, command: present.command };
      }
      // The machine was already in the requested state. Until it is answered, this may be the effect of the previous
      // command.
      open = present?.isAnswered ? undefined : open;
      return { isOn };
    },
  };
}
