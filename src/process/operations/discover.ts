import type { Cell, ControlResponse, DiscoverRequest } from "../../control/messages.js";
import { readSecret, toAccount } from "../supervisor/desiredBmc.js";
import type { Supervisor } from "../supervisor/supervisor.js";

/** `vbmc discover`: a row for each VM that the account sees; the client sorts. */
export async function discoverMachines(request: DiscoverRequest, supervisor: Supervisor): Promise<ControlResponse> {
  const password = readSecret(request.viserver_password);
  if (typeof password !== "string") {
    return { rc: 1, msg: [`the vSphere password cannot be read: ${password.fault}`] };
  }
  const account = toAccount(
    {
      viserver: request.viserver,
      username: request.viserver_username,
      password,
      thumbprint: request.viserver_thumbprint,
      caFile: request.viserver_cafile,
      insecure: request.viserver_insecure,
    },
    supervisor.config,
  );
  const { folder, match } = request;
  const question = {
    name: "discover" as const,
    ...(folder === undefined ? {} : { folder }),
    ...(match === undefined ? {} : { match }),
  };
  const answer = await supervisor.ask(account, question, request.timeout_ms);
  if (!answer.ok) {
    return { rc: 1, msg: [answer.message] };
  }
  const machines = "machines" in answer ? answer.machines : [];
  const rows = machines.map(({ name, instanceUuid, powerState, toolsRunning }): Cell[] => [
    name,
    instanceUuid ?? null,
    powerState ?? null,
    toolsRunning === undefined ? null : toolsRunning ? "running" : "not running",
  ]);
  return { rc: 0, header: ["VM name", "Instance UUID", "Power", "Tools"], rows };
}
