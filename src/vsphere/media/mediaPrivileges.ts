/** The privileges that media need: asked for before anything is transferred, since an upload that is refused says no reason. */

/** On the VM, by what is done. */
export const drivePrivileges = {
  cd: [
    "VirtualMachine.Interact.SetCDMedia",
    "VirtualMachine.Interact.DeviceConnection",
    "VirtualMachine.Config.EditDevice",
  ],
  floppy: [
    "VirtualMachine.Interact.SetFloppyMedia",
    "VirtualMachine.Interact.DeviceConnection",
    "VirtualMachine.Config.EditDevice",
  ],
  add: ["VirtualMachine.Config.AddRemoveDevice"],
} as const;

/** On the datastore that images are stored in. */
export const storagePrivileges = ["Datastore.Browse", "Datastore.FileManagement", "Datastore.AllocateSpace"] as const;
export const browsePrivileges = ["Datastore.Browse"] as const;
