/** Entry of the console process: forked by the supervisor, it serves all consoles until it is stopped. */
import type { LogLevel } from "../../base/log.js";
import type { FromConsole, ToConsole } from "../ipc/console.js";
import { sendToSupervisor, serveSupervisor } from "../ipc/entry.js";
import { isLogged } from "../ipc/logging.js";
import { createConsoleProcess } from "./consoleProcess.js";

/** A disk that does not respond must not keep the ports forever, ms. */
const stopTimeoutMs = 1_800;

let minLevel: LogLevel = "info";

function send(message: FromConsole): void {
  if (message.type !== "log" || isLogged(message.level, minLevel)) {
    sendToSupervisor(message);
  }
}

const consoles = createConsoleProcess(send, (level, message, fields = {}) =>
  send({ type: "log", level, message, fields }),
);

function onMessage(message: ToConsole): void {
  switch (message.type) {
    case "logLevel":
      minLevel = message.level;
      break;
    case "configure":
      void consoles.configure(message.configuration);
      break;
    case "certificate":
      consoles.useCertificate(message);
      break;
    case "serve":
      consoles.serve(message.console);
      break;
    case "withdraw":
      consoles.withdraw(message.vmName);
      break;
    case "admit":
      consoles.admit(message);
      break;
    case "ping":
      send({ type: "pong" });
      break;
    case "stop":
      void stop();
      break;
  }
}

async function stop(): Promise<void> {
  setTimeout(() => process.exit(0), stopTimeoutMs).unref();
  await consoles.close();
  process.exit(0);
}

serveSupervisor(onMessage, stop);
