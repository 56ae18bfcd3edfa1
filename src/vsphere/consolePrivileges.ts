/** The privileges on the VM that a console's serial port needs, by what is done. */
export const consolePrivileges = {
  add: ["VirtualMachine.Config.AddRemoveDevice"],
  remove: ["VirtualMachine.Config.AddRemoveDevice"],
  change: ["VirtualMachine.Config.EditDevice"],
  /** Without it the console shows nothing of EFI firmware. */
  firmware: ["VirtualMachine.Config.AdvancedConfig"],
  connect: ["VirtualMachine.Config.EditDevice", "VirtualMachine.Interact.DeviceConnection"],
} as const;

const { add, remove, change, connect } = consolePrivileges;
/** Without that of the firmware. A user who sets up a console may want to remove it again. */
export const allConsolePrivileges = [...new Set([...add, ...remove, ...change, ...connect])];
