/** Requests to the daemon, with the port and keys of the configuration. */
import type { Config } from "../config/config.js";
import { controlRequest } from "../control/client.js";
import { readControlKeys } from "../control/keys.js";
import type { ControlResponse } from "../control/messages.js";
import { CliError } from "./context.js";

export async function askDaemon(config: Config, request: Readonly<Record<string, unknown>>): Promise<ControlResponse> {
  const { serverPort: port, serverResponseTimeoutMs: timeoutMs, serverAuth, configDir } = config;
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
