/** Requests to the daemon, with the port and keys of the configuration. */
import type { Config } from "../config/config.js";
import { controlRequest } from "../control/client.js";
import { readControlKeys } from "../control/keys.js";
import type { ControlResponse } from "../control/messages.js";
import { CliError, type RequestOptions } from "./context.js";

export async function askDaemon(
  config: Config,
  request: Readonly<Record<string, unknown>>,
  options: RequestOptions = {},
): Promise<ControlResponse> {
  const { serverPort: port, serverAuth, configDir } = config;
  const timeoutMs = Math.max(config.serverResponseTimeoutMs, options.timeoutMs ?? 0);
  const auth =
    serverAuth === "none"
      ? ({ mode: "none" } as const)
      : ({ mode: "curve", keys: await readControlKeys(configDir) } as const);
  const response = await controlRequest(request, { port, auth, timeoutMs });
  if (response.rc !== 0) {
    throw new CliError(`(${response.rc}): ${(response.msg ?? []).join("\n")}`);
  }
  return response;
}
