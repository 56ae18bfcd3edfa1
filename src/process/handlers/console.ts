/** The reply to `vbmc console`. */
import type { ControlResponse } from "../../control/messages.js";
import type { ConsoleAnswer } from "../operations/console.js";
import { properties } from "./properties.js";

const changes = {
  added: "The serial port was added",
  changed: "The serial port was changed",
  reconnected: "The serial port was configured correctly, and is being reconnected",
  none: "The serial port is as it should be",
} as const;

export function renderConsole(answer: ConsoleAnswer): ControlResponse {
  switch (answer.kind) {
    case "opened":
      return properties([
        ["socket_path", answer.socketPath],
        ["key", answer.key],
      ]);
    case "setUp": {
      const { change, port, warnings } = answer.outcome;
      return properties([
        ["done", `${changes[change]}: ${port.label}`],
        ...warnings.map((text) => ["warning", text] as const),
      ]);
    }
    case "removed":
      return properties([
        ["done", answer.isRemoved ? "The serial port was removed" : "There is no serial port to remove"],
      ]);
    case "underWay":
      return properties([["done", "vCenter still works on it: see vbmc check"]]);
  }
}
