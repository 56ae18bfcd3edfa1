/** Get ACPI Power State (IPMI 2.0 §20.7, table 20-8). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

export const getAcpiPowerState = defineCommand<undefined, readonly [number, number]>({
  netFn: netFn.app,
  command: 0x07,
  name: "Get ACPI Power State",
  section: "20.7",
  privilege: privilege.user,
  run: (_request, { bmc, machine }) => [bmc.acpi.systemState(machine.snapshot()), bmc.acpi.deviceState()],
  encode: (states) => Buffer.from(states),
});
