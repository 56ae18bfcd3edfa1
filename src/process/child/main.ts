/** Entry of a BMC child: forked by the supervisor, it serves the BMCs it is told to until told to stop. */
import { type FromChild, meteredArgument, type ToChild } from "../ipc/messages.js";
import { createBmcHost } from "./bmcHost.js";
import { createSupervisorChannel } from "./supervisorChannel.js";

const channel = createSupervisorChannel((message: FromChild) => {
  if (process.connected) {
    process.send?.(message);
  }
}, process.argv.includes(meteredArgument));
const host = createBmcHost(channel);

process.on("message", (message: ToChild) => {
  switch (message.type) {
    case "logLevel":
      channel.setLogLevel(message.level);
      break;
    case "serve":
      void host.serve(message.bmc);
      break;
    case "withdraw":
      void host.withdraw(message.vmName);
      break;
    case "machineReport":
      host.report(message.vmName, message.report);
      break;
    case "machineEvent":
      host.onEvent(message.vmName, message.event);
      break;
    case "operationResult":
      channel.settle(message);
      break;
    case "stop":
      void stop();
      break;
  }
});

// A BMC without its supervisor could not tell the truth about its VM, and would hold the port against the next one.
process.on("disconnect", () => void stop());
process.on("SIGTERM", () => void stop());
// A terminal's Ctrl-C reaches the whole process group: the supervisor decides what it means.
process.on("SIGINT", () => undefined);
process.on("SIGHUP", () => undefined);

/** A disk that does not answer must not keep the port for ever, ms. */
const endBoundMs = 4_000;

async function stop(): Promise<void> {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), endBoundMs).unref();
  await host.close();
  process.exit(0);
}
