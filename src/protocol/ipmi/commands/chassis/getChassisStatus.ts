/** Get Chassis Status (IPMI 2.0 §28.2, table 28-3). */
import type { IdentifyState } from "../../../../model/bmc/power/chassis.js";
import type { PowerState } from "../../../../model/machine/snapshot.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const powerIsOn = 0x01;
/** Power restore policy, bits [6:5]. */
const restorePolicyShift = 5;
const poweredOnByCommand = 0x10;
/** Bit 6: the identify state in bits [5:4] is supported. A VM has no intrusion switch, lockout, drives or fans. */
const identifySupported = 0x40;
const identifyBits: Readonly<Record<IdentifyState, number>> = { off: 0x00, temporary: 0x10, indefinite: 0x20 };

interface Response {
  readonly powerState: PowerState;
  readonly restorePolicy: number;
  readonly byCommand: boolean;
  readonly identify: IdentifyState;
}

export const getChassisStatus = defineCommand<undefined, Response>({
  netFn: netFn.chassis,
  command: 0x01,
  name: "Get Chassis Status",
  section: "28.2",
  privilege: privilege.user,
  run: (_request, { machine, bmc }) => {
    const { chassis } = bmc;
    const respond = (powerState: PowerState): Response => ({
      powerState,
      restorePolicy: chassis.restorePolicy(),
      byCommand: chassis.wasPoweredOnByCommand(),
      identify: chassis.identifyState(),
    });
    // Synchronous while the state is in memory: every client polls this command.
    const powerState = machine.powerState();
    return powerState instanceof Promise ? powerState.then(respond) : respond(powerState);
  },
  encode: ({ powerState, restorePolicy, byCommand, identify }) => {
    // A suspended VM is not running: it counts as off, until "power on" resumes it.
    const isOn = powerState === "poweredOn";
    return Buffer.from([
      (restorePolicy << restorePolicyShift) | (isOn ? powerIsOn : 0),
      byCommand ? poweredOnByCommand : 0,
      identifySupported | identifyBits[identify],
    ]);
  },
});
