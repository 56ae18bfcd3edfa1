/** A BMC child without a BMC: what it does depends on the beginning of the VM's name. */
import { writeSync } from "node:fs";

import type { FromChild, ToChild } from "../../../../src/process/ipc/child.js";
import type { BmcConfiguration } from "../../../../src/process/ipc/configuration.js";

const send = (message: FromChild) => process.send?.(message);
const log = (message: string, fields: Record<string, unknown> = {}) =>
  send({ type: "log", level: "info", message, fields });

const behaviours: readonly (readonly [string, (bmc: BmcConfiguration) => unknown])[] = [
  ["taken", ({ vmName }) => send({ type: "failed", vmName, reason: "the port is taken" })],
  ["silent", () => undefined],
  [
    "dying",
    ({ password }) => {
      writeSync(2, `Error: no use for ${password}\n`);
      process.exit(3);
    },
  ],
  [
    "hung",
    ({ vmName }) => {
      send({ type: "ready", vmName });
      process.removeAllListeners("message");
      process.on("message", () => undefined);
      process.on("SIGTERM", () => undefined);
    },
  ],
  [
    "",
    ({ vmName, port }) => {
      log("serving", { vm: vmName, port });
      send({ type: "ready", vmName });
      if (vmName.startsWith("asking")) {
        send({
          type: "operation",
          id: 7,
          vmName,
          operation: { name: "power", power: "on" },
          deadline: Date.now() + (vmName === "askingBriefly" ? 300 : 20_000),
        });
      }
    },
  ],
];

process.on("message", (message: ToChild) => {
  switch (message.type) {
    case "serve":
      behaviours.find(([prefix]) => message.bmc.vmName.startsWith(prefix))?.[1](message.bmc);
      break;
    case "withdraw":
      send({ type: "withdrawn", vmName: message.vmName });
      break;
    case "machineReport":
    case "machineEvent":
    case "operationResult":
      log("told", { told: message });
      break;
    case "stop":
      process.exit(0);
  }
});
process.on("disconnect", () => process.exit(0));
