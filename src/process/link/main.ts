/** Entry of a vCenter link: forked by the supervisor, it serves all BMCs of one vCenter account until told to stop. */
import type { LogLevel } from "../../base/log.js";
import { createGatherer } from "../../io/counters/counts.js";
import { type FromLink, isLogged, meteredArgument, type ToLink } from "../ipc/messages.js";
import { createVcenterLink, type VcenterLink } from "./vcenterLink.js";

let link: VcenterLink | undefined;
let leastLevel: LogLevel = "info";

function send(message: FromLink): void {
  if (process.connected && (message.type !== "log" || isLogged(message.level, leastLevel))) {
    process.send?.(message);
  }
}

const calls = process.argv.includes(meteredArgument)
  ? createGatherer((counts) => send({ type: "counts", counts }))
  : undefined;

process.on("message", (message: ToLink) => {
  switch (message.type) {
    case "logLevel":
      leastLevel = message.level;
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
        ?.operate(message.vmName, message.operation, message.until - Date.now())
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
});

// Without its supervisor a link serves nobody, and its session would stay open at vCenter.
process.on("disconnect", () => void stop());
process.on("SIGTERM", () => void stop());
// A terminal's Ctrl-C reaches the whole process group: the supervisor decides what it means.
process.on("SIGINT", () => undefined);
process.on("SIGHUP", () => undefined);

/** How long logging out may take, ms. */
const farewellMs = 1_800;
/** How long a login that is under way may take, to log out again: its session would stay open for half an hour, ms. */
const lingerMs = 125_000;

async function stop(): Promise<void> {
  const isLingering = link?.isLoggingIn() === true;
  if (isLingering) {
    send({ type: "lingering" });
  }
  setTimeout(() => process.exit(0), isLingering ? lingerMs : farewellMs).unref();
  await link?.stop();
  process.exit(0);
}
