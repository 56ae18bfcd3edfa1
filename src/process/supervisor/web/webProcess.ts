/** The process that serves the page and Redfish for all BMCs. */
import type { LogMessage } from "../../ipc/logging.js";
import type { FromWeb, ToWeb } from "../../ipc/web.js";
import { createKeptProcess, type KeptProcess, type KeptProcessOptions } from "../keptProcess.js";

export type WebMessage = Exclude<FromWeb, LogMessage>;

export function createWebProcess(
  options: Pick<KeptProcessOptions<FromWeb>, "entry" | "log" | "onLaunch" | "onMessage">,
): KeptProcess<ToWeb> {
  return createKeptProcess<ToWeb, FromWeb>({ ...options, title: "vbmc-web", words: "the web process" });
}
