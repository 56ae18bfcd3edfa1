/** Requests to the daemon, with the port and keys of the configuration. */
import { type ClientAuth, controlRequest } from "../control/client.js";
import { controlKeysFault, controlKeysRemedy, findKeysDamage, readControlKeys } from "../control/keys.js";
import type { ControlResponse } from "../control/messages.js";
import type { Config } from "../settings/config/config.js";
import type { Places } from "../settings/config/places.js";
import { failureOf, type RequestOptions } from "./context.js";
import { findDaemon } from "./daemonProcess.js";

export async function askDaemon(
  config: Config,
  places: Places,
  request: Readonly<Record<string, unknown>>,
  options: RequestOptions = {},
): Promise<ControlResponse> {
  const { serverPort: port, serverAuth, configDir } = config;
  const timeoutMs = Math.max(config.serverResponseTimeoutMs, options.timeoutMs ?? 0);
  const auth = async (): Promise<ClientAuth> =>
    serverAuth === "none" ? { mode: "none" } : { mode: "curve", keys: await readControlKeys(configDir) };
  const response = await controlRequest(request, {
    port,
    auth,
    timeoutMs,
    connectTimeoutMs: config.serverResponseTimeoutMs,
    findDaemon: () => findDaemon(config),
    whySilent: () => {
      const fault = serverAuth === "none" ? undefined : controlKeysFault(configDir);
      return fault && `${places.daemon} runs without a control socket: ${fault}; ${controlKeysRemedy}`;
    },
    whyUnanswered: async () => (serverAuth === "none" ? undefined : findKeysDamage(configDir)),
    daemon: places.daemon,
  });
  if (response.rc !== 0 && options.takesFailures !== true) {
    throw failureOf(response);
  }
  return response;
}
