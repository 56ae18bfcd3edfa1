/** Get Chassis Status (IPMI 2.0 §28.2, table 28-3). */
import type { PowerState } from "../../../machine/snapshot.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { decodeNothing } from "../../requestData.js";

const powerIsOn = 0x01;
/** Power restore policy unknown, bits [6:5]: what the VM does after a host failure is vSphere's business. */
const restorePolicyUnknown = 0x60;
const poweredOnByCommand = 0x10;

interface Response {
  readonly powerState: PowerState;
  readonly poweredOnByCommand: boolean;
}

export const getChassisStatus = defineCommand<undefined, Response>({
  netFn: netFn.chassis,
  command: 0x01,
  name: "Get Chassis Status",
  section: "28.2",
  privilege: privilege.user,
  decode: decodeNothing,
  run: (_request, { machine, bmc }) => {
    const respond = (powerState: PowerState): Response => ({ powerState, ...bmc.chassis });
    // No promise while the state is in memory: this is what everybody asks, all the time.
    const powerState = machine.powerState();
    return powerState instanceof Promise ? powerState.then(respond) : respond(powerState);
  },
  encode: ({ powerState, poweredOnByCommand: byCommand }) => {
    // A suspended VM does not run: off, until "power on" resumes it.
    const isOn = powerState === "poweredOn";
    return Buffer.from([restorePolicyUnknown | (isOn ? powerIsOn : 0), byCommand ? poweredOnByCommand : 0, 0x00]);
  },
});
