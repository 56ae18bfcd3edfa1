/** The tree of VM folders below a datacenter's `vm`. */
import type { Reference } from "./value.js";

export interface VmFolder {
  readonly reference: Reference;
  readonly name: string;
  /** Names from the datacenter's `vm` folder on, e.g. `vm/Lab/Nested`. */
  readonly path: string;
  readonly parent: VmFolder | undefined;
  readonly folders: VmFolder[];
  /** IDs of the VMs that are directly in it. */
  readonly vmIds: Set<string>;
}

export interface VmFolders {
  readonly top: VmFolder;
  /** By path. */
  readonly all: ReadonlyMap<string, VmFolder>;
  /** The folder at a path below the top, such as `Lab/Nested`; made where it is missing. */
  readonly at: (path: string) => VmFolder;
}

/** `onMade` is called for every folder, including the top one. */
export function createVmFolders(topReference: Reference, onMade: (folder: VmFolder) => void): VmFolders {
  const all = new Map<string, VmFolder>();

  function make(name: string, parent: VmFolder | undefined, reference: Reference): VmFolder {
    const path = parent ? `${parent.path}/${name}` : name;
    const folder: VmFolder = { reference, name, path, parent, folders: [], vmIds: new Set() };
    parent?.folders.push(folder);
    all.set(path, folder);
    onMade(folder);
    return folder;
  }

  const top = make("vm", undefined, topReference);
  return {
    top,
    all,
    at: (path) =>
      path
        .split("/")
        .filter((name) => name !== "")
        .reduce(
          (parent, name) =>
            all.get(`${parent.path}/${name}`) ??
            make(name, parent, { type: "Folder", id: `group-v${1000 + all.size}` }),
          top,
        ),
  };
}
