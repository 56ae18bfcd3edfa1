/** A vCenter link without a vCenter: all VMs are on, and what it does depends on the viserver. */
import type { FromLink, ToLink } from "../../../../src/process/ipc/link.js";

const send = (message: FromLink) => process.send?.(message);
let viserver = "";

process.on("message", (message: ToLink) => {
  switch (message.type) {
    case "connect":
      ({ viserver } = message.configuration);
      send({ type: "log", level: "info", message: "link connects", fields: { viserver } });
      send({ type: "linkState", linkState: { state: "connected" } });
      break;
    case "serve":
      for (const { vmName } of message.machines) {
        send({ type: "machineReport", vmName, report: { fresh: true, snapshot: { powerState: "poweredOn" } } });
      }
      break;
    case "withdraw":
      send({ type: "log", level: "info", message: "link withdraws", fields: { vmNames: message.vmNames } });
      break;
    case "operation":
      if (viserver === "dying") {
        process.exit(4);
      }
      if (viserver === "failing late") {
        const event = { kind: "operationFailed", operation: "power", reason: "no licence" } as const;
        send({ type: "machineEvent", vmName: message.vmName, event });
      }
      if (viserver !== "silent") {
        send({ type: "operationResult", id: message.id, result: { ok: true } });
      }
      break;
    case "ping":
      send({ type: "pong" });
      break;
    case "stop":
      process.exit(0);
  }
});
process.on("disconnect", () => process.exit(0));
