/** The privileges on the VM that a console's serial port needs, by what is done. */
export const consolePrivileges = {
  add: ["VirtualMachine.Config.AddRemoveDevice"],
  remove: ["VirtualMachine.Config.AddRemoveDevice"],
  change: ["VirtualMachine.Config.EditDevice"],
  connect: ["VirtualMachine.Config.EditDevice", "VirtualMachine.Interact.DeviceConnection"],
} as const;

/** All of them: whoever sets a console up may want to take it away again. */
export const allConsolePrivileges = [...new Set(Object.values(consolePrivileges).flat())];
