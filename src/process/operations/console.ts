/** `vbmc console NAME`: opens the console, and gives the VM the serial port that it needs. */
import type { ConsoleRequest } from "../../control/messages.js";
import type { ConsoleSetup, ConsoleSetupOutcome } from "../../model/machine/serialPort.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import { whyNoConsole } from "../supervisor/console/consoleMode.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { configuredBmc } from "./configuredBmc.js";
import { consoleSetup } from "./consoleSetup.js";
import { operate } from "./operate.js";
import { OperationError } from "./operationError.js";

export type ConsoleAnswer =
  | { readonly kind: "opened"; readonly socketPath: string; readonly key: string }
  | { readonly kind: "setUp"; readonly outcome: ConsoleSetupOutcome }
  | { readonly kind: "removed"; readonly isRemoved: boolean }
  /** vCenter works on it. */
  | { readonly kind: "underWay" };

/** Throws OperationError. */
export async function openOrSetUpConsole(request: ConsoleRequest, supervisor: Supervisor): Promise<ConsoleAnswer> {
  const { vm_name: name, action } = request;
  const bmc = configuredBmc(name, supervisor);
  if (!bmc.active) {
    throw new OperationError(`${name} does not run: start it with vbmc start ${name}`);
  }
  if (action === "open") {
    return open(request, bmc, supervisor);
  }
  const setup = await consoleSetup(bmc, supervisor, !request.clear_text);
  if ("fault" in setup) {
    throw new OperationError(setup.fault);
  }
  return action === "setup" ? setUp(request, setup, supervisor) : remove(request, setup, supervisor);
}

async function open(request: ConsoleRequest, bmc: StoredBmc, { consoles }: Supervisor): Promise<ConsoleAnswer> {
  if (consoles.modeOf(bmc.name) === undefined) {
    throw new OperationError(whyNoConsole(bmc));
  }
  const place = await consoles.open({
    vmName: bmc.name,
    kind: "terminal",
    user: request.user,
    from: "",
    isReadOnly: request.read_only,
    replayBytes: request.replay_bytes,
  });
  if ("fault" in place) {
    throw new OperationError(place.fault);
  }
  const { socketPath, key } = place;
  return { kind: "opened", socketPath, key };
}

async function setUp(
  { vm_name: name, timeout_ms: timeoutMs }: ConsoleRequest,
  setup: ConsoleSetup,
  supervisor: Supervisor,
): Promise<ConsoleAnswer> {
  const outcome = await operate(supervisor, name, { name: "setUpConsole", ...setup }, timeoutMs);
  await supervisor.consoles.portChanged(name, setup.serviceUri);
  return typeof outcome === "object" && outcome !== null && "change" in outcome
    ? { kind: "setUp", outcome: outcome as ConsoleSetupOutcome }
    : { kind: "underWay" };
}

async function remove(
  { vm_name: name, timeout_ms: timeoutMs }: ConsoleRequest,
  { serviceUri, formerUri }: ConsoleSetup,
  supervisor: Supervisor,
): Promise<ConsoleAnswer> {
  const outcome = await operate(supervisor, name, { name: "removeConsole", serviceUri, formerUri }, timeoutMs);
  await supervisor.consoles.portChanged(name, undefined);
  return typeof outcome === "object" && outcome !== null && "isRemoved" in outcome
    ? { kind: "removed", isRemoved: outcome.isRemoved === true }
    : { kind: "underWay" };
}
