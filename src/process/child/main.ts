/** Entry of a BMC child: forked by the supervisor, it serves the BMCs it is given until it is stopped. */
import type { ToChild } from "../ipc/child.js";
import { isMetered, sendToSupervisor, serveSupervisor } from "../ipc/entry.js";
import { createBmcHost } from "./bmcHost.js";
import { createSupervisorChannel } from "./supervisorChannel.js";

/** A disk that does not respond must not keep the port forever, ms. */
const stopTimeoutMs = 4_000;

const channel = createSupervisorChannel(sendToSupervisor, isMetered());
const host = createBmcHost(channel);

function onMessage(message: ToChild): void {
  switch (message.type) {
    case "logLevel":
      channel.setLogLevel(message.level);
      break;
    case "certificate":
      host.certificate(message);
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
    case "exchange":
      void host.exchange(message);
      break;
    case "askRole":
      host.askRole(message);
      break;
    case "mediaReport":
      host.reportMedia(message.vmName, message.slots);
      break;
    case "operationResult":
      channel.settle(message);
      break;
    case "consoleOpened":
      channel.settleConsole(message);
      break;
    case "stop":
      void stop();
      break;
  }
}

async function stop(): Promise<void> {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), stopTimeoutMs).unref();
  await host.close();
  process.exit(0);
}

serveSupervisor(onMessage, stop);
