/** Set ACPI Power State (IPMI 2.0 §20.6, table 20-7): reports a state to the BMC, and does not change the VM. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

const setBit = 0x80;
const noChange = 0x7f;
/** S0 to S3, and the unspecific "sleeping" and "on": states of a machine that has power. */
const systemStates: readonly number[] = [0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x20, 0x2a];
/**
 * States that only vSphere can know: accepted, since software may send them at shutdown, but vSphere's state counts.
 */
const offStates: readonly number[] = [0x04, 0x05, 0x06, 0x07, 0x0a, 0x21];
const deviceStates: readonly number[] = [0x00, 0x01, 0x02, 0x03, 0x2a];

interface Request {
  readonly system: number | undefined;
  readonly device: number | undefined;
}

export const setAcpiPowerState = defineCommand<Request>({
  netFn: netFn.app,
  command: 0x06,
  name: "Set ACPI Power State",
  section: "20.6",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 2);
    const system = stateIn(data.readUInt8(0), [...systemStates, ...offStates]);
    const device = stateIn(data.readUInt8(1), deviceStates);
    return { system: system !== undefined && offStates.includes(system) ? undefined : system, device };
  },
  run: ({ system, device }, { bmc }) => {
    bmc.acpi.set(system, device);
  },
});

function stateIn(byte: number, known: readonly number[]): number | undefined {
  const state = byte & ~setBit;
  if ((byte & setBit) === 0 || state === noChange) {
    return undefined;
  }
  if (!known.includes(state)) {
    throw invalidField(`ACPI power state ${state}`);
  }
  return state;
}
