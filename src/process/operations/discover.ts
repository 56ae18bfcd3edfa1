/** `vbmc discover`: lists the VMs that an account can see. */
import { defined } from "../../base/defined.js";
import type { DiscoverRequest } from "../../control/messages.js";
import type { DiscoveredMachine } from "../../model/machine/discoveredMachine.js";
import { readSecret, toAccount } from "../supervisor/desiredBmc.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { askAccount } from "./configuredBmc.js";
import { OperationError } from "./operationError.js";

/** `vbmc discover`: the VMs that the account sees. */
export async function discoverMachines(
  request: DiscoverRequest,
  supervisor: Supervisor,
): Promise<readonly DiscoveredMachine[]> {
  const password = readSecret(request.viserver_password);
  if (typeof password !== "string") {
    throw new OperationError(`the vSphere password cannot be read: ${password.fault}`);
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
  const { folder, match, timeout_ms: timeoutMs } = request;
  const question = { name: "discover" as const, ...defined({ folder, match }) };
  const answer = await askAccount(supervisor, account, question, timeoutMs);
  return "machines" in answer ? answer.machines : [];
}
