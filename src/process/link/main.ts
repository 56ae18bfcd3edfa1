/** Entry of a vCenter link: forked by the supervisor, it serves all BMCs of one vCenter account until it is stopped. */
import type { LogLevel } from "../../base/log.js";
import { createGatherer } from "../../io/counters/counts.js";
import { isMetered, sendToSupervisor, serveSupervisor } from "../ipc/entry.js";
import type { FromLink, ToLink } from "../ipc/link.js";
import { isLogged } from "../ipc/logging.js";
import { keepHeapSmall } from "../ipc/smallHeap.js";
import { createVcenterLink, type VcenterLink } from "./vcenterLink.js";

keepHeapSmall();

let link: VcenterLink | undefined;
let minLevel: LogLevel = "info";

function send(message: FromLink): void {
  if (message.type !== "log" || isLogged(message.level, minLevel)) {
    sendToSupervisor(message);
  }
}

const calls = isMetered() ? createGatherer((counts) => send({ type: "counts", counts })) : undefined;

function onMessage(message: ToLink): void {
  switch (message.type) {
    case "logLevel":
      minLevel = message.level;
      break;
    case "connect":
      link ??= createVcenterLink(message.configuration, send, {
        userAgent: `vbmc4vsphere/${message.version}`,
        onCall: (method, result) => calls?.add(`${method} ${result}`),
      });
      break;
    case "serve":
      link?.serve(message.machines);
      break;
    case "withdraw":
      link?.withdraw(message.vmNames);
      break;
    case "operation":
      void link
        ?.operate(message.vmName, message.operation, message.deadline)
        .then((result) => send({ type: "operationResult", id: message.id, result }));
      break;
    case "question":
      void link
        ?.ask(message.question, message.timeoutMs)
        .then((answer) => send({ type: "answer", id: message.id, answer }));
      break;
    case "ping":
      send({ type: "pong" });
      break;
    case "stop":
      void stop();
      break;
  }
}

/** Timeout for logging out, ms. */
const logoutTimeoutMs = 1_800;
/** Timeout for a login in progress, so that it can be logged out: its session would stay open for half an hour, ms. */
const loginTimeoutMs = 125_000;

async function stop(): Promise<void> {
  const isLingering = link?.isLoggingIn() === true;
  if (isLingering) {
    send({ type: "lingering" });
  }
  setTimeout(() => process.exit(0), isLingering ? loginTimeoutMs : logoutTimeoutMs).unref();
  await link?.stop();
  process.exit(0);
}

serveSupervisor(onMessage, stop);
