/** The step `console` of `vbmc check`: from the serial port to its connection. */
import { type ConsolePortSought, findConsolePort, type SerialPortReport } from "../../model/machine/serialPort.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import type { CheckStep } from "./check.js";
import { consoleSetup } from "./consoleSetup.js";
import { consoleLine, consoleOf } from "./consoleState.js";

const step = "console";

/** undefined where the BMC has none. */
export async function consoleStep(
  bmc: StoredBmc,
  timeoutMs: number,
  supervisor: Supervisor,
): Promise<CheckStep | undefined> {
  const { name } = bmc;
  const { consoles } = supervisor;
  const mode = consoles.modeOf(name);
  if (mode === undefined) {
    return undefined;
  }
  if (consoles.fault !== undefined && mode.kind === "concentrator") {
    return { step, status: "failed", detail: consoles.fault };
  }
  const state = consoles.stateOf(name);
  if (state?.connectedSince !== undefined) {
    const detail = consoleLine(consoleOf(name, supervisor)) ?? "";
    return state.isEncrypted === true
      ? { step, status: "ok", detail }
      : { step, status: "warning", detail: `${detail}: anyone on the network path can read what is typed` };
  }
  const setup = await consoleSetup(bmc, supervisor, true);
  if ("fault" in setup) {
    return { step, status: "failed", detail: setup.fault };
  }
  const read = await supervisor.operate(name, { name: "readSerialPorts" }, timeoutMs);
  if (!read.ok) {
    return { step, status: "skipped", detail: `the VM's serial ports are not known: ${read.message}` };
  }
  return portStep(name, read.value as SerialPortReport, setup, state?.lastError);
}

function portStep(
  name: string,
  { ports, isOff, warnings }: SerialPortReport,
  sought: ConsolePortSought,
  lastError: string | undefined,
): CheckStep {
  const setUp = `vbmc console ${name} --setup`;
  const port = findConsolePort(ports, sought);
  if (port === undefined) {
    const when = isOff ? "" : " while the VM is off";
    return {
      step,
      status: "warning",
      detail: `the VM has no serial port for its console: add it with ${setUp}${when}`,
    };
  }
  if (port.backing.kind === "network" && port.backing.serviceUri !== sought.serviceUri) {
    return {
      step,
      status: "failed",
      detail: `${port.label} is set up with another address or token than the BMC has: change it with ${setUp}`,
    };
  }
  const more = [...(lastError === undefined ? [] : [lastError]), ...warnings];
  if (isOff) {
    const detail = [`${port.label} is set up; the VM is off`, ...more].join("; ");
    return { step, status: more.length === 0 ? "ok" : "warning", detail };
  }
  const reasons = more.length === 0 ? [`connect it again with ${setUp}`] : more;
  return { step, status: "failed", detail: `${port.label} is not connected: ${reasons.join("; ")}` };
}
