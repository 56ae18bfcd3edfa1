/** Roles on objects: what the account may do where. */
import type { Inventory } from "./inventory.js";
import type { Reference } from "./value.js";

/** A role that the account has on one object. */
export interface Permission {
  /** An inventory path of a VM, folder or datacenter, such as `DC0/vm/Lab`; the root folder is the empty path. */
  readonly path: string;
  /** Privilege IDs in addition to System.View, System.Read and System.Anonymous, which every role has; absent: all. */
  readonly privileges?: readonly string[];
  /** On what is below it too. */
  readonly propagate: boolean;
}

const inEveryRole = ["System.Anonymous", "System.View", "System.Read"];
/** Types that roles are given on; whatever else there is, such as a task, is open to all. */
const guarded = ["VirtualMachine", "Folder", "Datacenter", "HostSystem", "ComputeResource", "Datastore"];

/** Whether a role among `permissions` (undefined: all roles everywhere) grants the privilege on the object. */
export function isGranted(
  inventory: Inventory,
  permissions: readonly Permission[] | undefined,
  object: Reference,
  privilege: string,
): boolean {
  if (permissions === undefined || !guarded.includes(object.type)) {
    return true;
  }
  return permissions.some(({ path, privileges, propagate }) => {
    const at = objectAt(inventory, path);
    return (
      at !== undefined &&
      (privileges === undefined || privileges.includes(privilege) || inEveryRole.includes(privilege)) &&
      (at.id === object.id || (propagate && inventory.isWithin(object, at)))
    );
  });
}

function objectAt(inventory: Inventory, path: string): Reference | undefined {
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  if (trimmed === "") {
    return inventory.rootFolder;
  }
  const vm = [...inventory.vms.values()].find((candidate) => inventory.pathOf(candidate) === trimmed);
  return vm ? { type: "VirtualMachine", id: vm.id } : inventory.folderAt(trimmed);
}
