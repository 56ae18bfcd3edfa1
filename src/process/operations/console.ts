/** `vbmc console NAME`: lets somebody in, and gives the VM the serial port that the console needs. */
import type { Cell, ConsoleRequest, ControlResponse } from "../../control/messages.js";
import type { ConsoleSetup } from "../../model/machine/serialPort.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import { whyNoConsole } from "../supervisor/console/consoleMode.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { consoleSetup } from "./consoleSetup.js";
import { notFound } from "./names.js";

export async function openOrSetUpConsole(request: ConsoleRequest, supervisor: Supervisor): Promise<ControlResponse> {
  const { vm_name: name, action } = request;
  const entry = supervisor.store.read(name);
  if (entry === undefined) {
    return failure(notFound(name, supervisor));
  }
  if ("fault" in entry) {
    return failure(`${name} cannot be read: ${entry.fault}`);
  }
  const { bmc } = entry;
  if (!bmc.active) {
    return failure(`${name} does not run: start it with vbmc start ${name}`);
  }
  if (action === "open") {
    return open(request, bmc, supervisor);
  }
  const setup = await consoleSetup(bmc, supervisor, !request.clear_text);
  if ("fault" in setup) {
    return failure(setup.fault);
  }
  return action === "setup" ? setUp(request, setup, supervisor) : remove(request, setup, supervisor);
}

function failure(message: string): ControlResponse {
  return { rc: 1, msg: [message] };
}

async function open(request: ConsoleRequest, bmc: StoredBmc, supervisor: Supervisor): Promise<ControlResponse> {
  const { consoles } = supervisor;
  if (consoles.modeOf(bmc.name) === undefined) {
    return failure(whyNoConsole(bmc));
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
    return failure(place.fault);
  }
  return answer([
    ["socket_path", place.socketPath],
    ["key", place.key],
  ]);
}

const changes = {
  added: "The serial port was added",
  changed: "The serial port was changed",
  reconnected: "The serial port was as it should be, and is connected anew",
  none: "The serial port is as it should be",
} as const;

async function setUp(
  { vm_name: name, timeout_ms: timeoutMs }: ConsoleRequest,
  setup: ConsoleSetup,
  supervisor: Supervisor,
): Promise<ControlResponse> {
  const result = await supervisor.operate(name, { name: "setUpConsole", ...setup }, timeoutMs);
  if (!result.ok) {
    return failure(result.message);
  }
  const outcome = result.value;
  if (outcome === undefined || typeof outcome !== "object" || !("change" in outcome)) {
    return answer([["done", "vCenter still works on it: see vbmc check"]]);
  }
  const { change, port, warnings } = outcome;
  return answer([["done", `${changes[change]}: ${port.label}`], ...warnings.map((text) => ["warning", text])]);
}

async function remove(
  { vm_name: name, timeout_ms: timeoutMs }: ConsoleRequest,
  { serviceUri }: ConsoleSetup,
  supervisor: Supervisor,
): Promise<ControlResponse> {
  const result = await supervisor.operate(name, { name: "removeConsole", serviceUri }, timeoutMs);
  if (!result.ok) {
    return failure(result.message);
  }
  const outcome = result.value;
  if (outcome === undefined || typeof outcome !== "object" || !("isRemoved" in outcome)) {
    return answer([["done", "vCenter still works on it: see vbmc check"]]);
  }
  return answer([["done", outcome.isRemoved ? "The serial port was removed" : "There is no serial port to remove"]]);
}

function answer(rows: Cell[][]): ControlResponse {
  return { rc: 0, header: ["Property", "Value"], rows };
}
