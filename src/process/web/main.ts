/** Entry of the web process: forked by the supervisor only where `[web] listen` is set. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { reasonOf, traceOf } from "../../base/errors.js";
import type { HttpServer } from "../../io/http/server.js";
import { createFleetService, type FleetService } from "../../protocol/redfish/fleet/service.js";
import { createTimers } from "../common/nodeTimers.js";
import { readRegistry } from "../common/registryFile.js";
import { sendToSupervisor, serveSupervisor } from "../ipc/entry.js";
import type { ToWeb, WebConfiguration } from "../ipc/web.js";
import { createKnownAccounts } from "./accounts.js";
import { createWebChannel } from "./channel.js";
import { createConsoleSocket } from "./consoleSocket.js";
import { createFleetOverChannel } from "./fleetOverChannel.js";
import { type PageFiles, readPageFiles } from "./pageFiles.js";
import { createScreens } from "./screens.js";
import { openWebServer } from "./server.js";
import { createUploads } from "./uploads.js";

/** dist/page, seen from dist/bundle/process/web and from src/process/web. */
const pageFolders = ["../../../page", "../../../dist/page"].map((folder) =>
  path.resolve(path.dirname(fileURLToPath(import.meta.url)), folder),
);

const channel = createWebChannel(sendToSupervisor);
const accounts = createKnownAccounts();
const fleet = createFleetOverChannel(channel, (...change) => service?.changed(...change));
let service: FleetService | undefined;
let server: HttpServer | undefined;
let pair: { readonly certificate: string; readonly key: string } | undefined;
let wanted: WebConfiguration | undefined;

function onFault(error: unknown): void {
  channel.log("error", "unexpected error in the web process", { reason: traceOf(error) });
}

/** Once there are a configuration and a certificate. */
async function listen(): Promise<void> {
  if (!wanted || !pair || service) {
    return;
  }
  const configuration = wanted;
  try {
    service = createFleetService({
      fleet,
      accounts,
      timers: createTimers(onFault),
      log: channel.log,
      facts: { registryFile: readRegistry },
      uuid: configuration.uuid,
      sessionTimeoutSeconds: configuration.sessionTimeoutSeconds,
      maxSessions: configuration.maxSessions,
      onLoginFailed: ({ source }) => channel.send({ type: "loginFailed", source }),
    });
    server = await openWebServer({
      configuration,
      service,
      page: page(),
      uploads: createUploads(channel, service),
      screens: createScreens(channel, service),
      onUpgrade: createConsoleSocket(channel, service),
      certificate: () => pair as NonNullable<typeof pair>,
      onError: onFault,
    });
    channel.send({ type: "listening" });
  } catch (error) {
    channel.send({ type: "failed", reason: reasonOf(error) });
  }
}

/** Redfish is served even without the page, which must be built in a fresh clone. */
function page(): PageFiles {
  const folder = pageFolders.find((each) => existsSync(each));
  if (folder === undefined) {
    channel.log("warn", "the page has not been built: run npm run build", {});
    return { respond: () => undefined };
  }
  return readPageFiles(folder);
}

function onMessage(message: ToWeb): void {
  switch (message.type) {
    case "logLevel":
      channel.setLogLevel(message.level);
      break;
    case "certificate":
      if ("certificate" in message) {
        pair = message;
        void listen();
      } else if ("fault" in message) {
        channel.send({ type: "failed", reason: `there is no certificate: ${message.fault}` });
      }
      break;
    case "listen":
      wanted = message.configuration;
      void listen();
      break;
    case "accounts":
      accounts.use(message.accounts);
      break;
    case "bmcs":
      fleet.update(message);
      break;
    case "exchanged":
    case "roles":
    case "consoleOpened":
    case "uploaded":
    case "screen":
      channel.settle(message);
      break;
    case "ping":
      channel.send({ type: "pong" });
      break;
    case "stop":
      void stop();
      break;
  }
}

async function stop(): Promise<void> {
  service?.close();
  await server?.close();
  process.exit(0);
}

serveSupervisor(onMessage, stop);
