/** FileManager and HostDatastoreBrowser: folders and files of datastores. */
import { noPermission } from "./authorization.js";
import { argument, type Call, type Method } from "./call.js";
import { parentFolder, parseDatastorePath, type StoredFile } from "./datastore.js";
import type { MountedDatastore } from "./datastoreObjects.js";
import { imageOf } from "./devices.js";
import { Fault } from "./fault.js";
import { array, dateTime, long, reference, structure, text, type Value } from "./value.js";
import { child, childrenOf } from "./xml.js";

interface Place {
  readonly mounted: MountedDatastore;
  /** In the datastore. */
  readonly path: string;
  /** As it was given. */
  readonly name: string;
}

/** Throws InvalidDatastorePath, InvalidDatastore or NoPermission. */
function placeOf({ service }: Call, name: string, privilege: string): Place {
  const parsed = parseDatastorePath(name);
  if (!parsed) {
    throw new Fault("InvalidDatastorePath", `Invalid datastore path '${name}'.`, { datastorePath: text(name) });
  }
  const mounted = service.inventory.datastores.find(({ datastore }) => datastore.name === parsed.datastoreName);
  if (!mounted) {
    throw new Fault("InvalidDatastore", `Datastore '${parsed.datastoreName}' does not exist.`, {
      name: text(parsed.datastoreName),
    });
  }
  if (!service.isGranted(mounted.reference, privilege)) {
    throw noPermission(mounted.reference, privilege);
  }
  if (!mounted.datastore.isAccessible) {
    const own = mounted.reference;
    throw new Fault("InaccessibleDatastore", `Unable to access datastore '${parsed.datastoreName}'.`, {
      datastore: reference(own.type, own.id),
      name: text(parsed.datastoreName),
    });
  }
  return { mounted, path: parsed.path, name };
}

/** vCenter has many datacenters, and a datastore's name is its own only in one of them. */
function requireDatacenter(call: Call): void {
  if (!call.service.isEsxi) {
    argument(call, "datacenter");
  }
}

function requireWritable({ mounted: { datastore }, name }: Place): void {
  if (datastore.isReadOnly) {
    throw new Fault("CannotAccessFile", `Unable to access file ${name}: the datastore is read-only`, {
      file: text(name),
    });
  }
}

function fileFault(type: string, words: string, name: string): Fault {
  return new Fault(type, `File ${name} ${words}`, { file: text(name) });
}

function makeDirectory(call: Call): undefined {
  requireDatacenter(call);
  const place = placeOf(call, argument(call, "name").text, "Datastore.FileManagement");
  const { path, name } = place;
  const { datastore } = place.mounted;
  requireWritable(place);
  if (datastore.hasFolder(path) || datastore.files.has(path)) {
    throw fileFault("FileAlreadyExists", "already exists", name);
  }
  if (!datastore.hasFolder(parentFolder(path)) && child(call.request, "createParentDirectories")?.text !== "true") {
    throw fileFault("FileNotFound", "was not found", name);
  }
  datastore.makeFolder(path);
  return undefined;
}

function deleteFile(call: Call, place: Place): undefined {
  const { datastore } = place.mounted;
  const full = `[${datastore.name}] ${place.path}`;
  const user = [...call.service.inventory.vms.values()].find(
    ({ powerState, devices }) =>
      powerState === "poweredOn" &&
      devices.some((device) => device.connectable?.connected === true && imageOf(device) === full),
  );
  if (user) {
    throw new Fault("FileLocked", `Unable to access file ${place.name} since it is locked`, { file: text(place.name) });
  }
  if (!datastore.remove(place.path)) {
    throw fileFault("FileNotFound", "was not found", place.name);
  }
  call.service.inventory.objects.changed(place.mounted.reference.id);
  return undefined;
}

function search(call: Call, { mounted, path, name }: Place): Value {
  const { datastore } = mounted;
  if (!datastore.hasFolder(path)) {
    throw fileFault("FileNotFound", "was not found", name);
  }
  const patterns = childrenOf(child(call.request, "searchSpec"), "matchPattern").map((element) =>
    toPattern(element.text),
  );
  const own = mounted.reference;
  const files = [...datastore.files].filter(
    ([file]) => parentFolder(file) === path && (patterns.length === 0 || patterns.some((one) => one.test(leaf(file)))),
  );
  return structure("HostDatastoreBrowserSearchResults", {
    datastore: reference(own.type, own.id),
    folderPath: text(`[${datastore.name}] ${path}${path === "" ? "" : "/"}`),
    file: array(
      "FileInfo",
      files.map(([file, stored]) => fileInfo(leaf(file), stored)),
    ),
  });
}

function fileInfo(name: string, { size, modified }: StoredFile): Value {
  return structure(name.toLowerCase().endsWith(".iso") ? "IsoImageFileInfo" : "FileInfo", {
    path: text(name),
    fileSize: long(size),
    modification: dateTime(modified),
  });
}

const leaf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** As a shell's: `*` and `?`. */
function toPattern(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${escaped}$`, "i");
}

export const fileMethods: Readonly<Record<string, Method>> = {
  MakeDirectory: { parameters: ["name", "datacenter", "createParentDirectories"], run: makeDirectory },
  DeleteDatastoreFile_Task: {
    parameters: ["name", "datacenter"],
    run: (call) => {
      requireDatacenter(call);
      const place = placeOf(call, argument(call, "name").text, "Datastore.FileManagement");
      requireWritable(place);
      const about = { reference: place.mounted.reference, name: place.mounted.datastore.name };
      const task = call.service.tasks.beginApart(call.request.name, about, () => deleteFile(call, place));
      return reference(task.type, task.id);
    },
  },
  SearchDatastore_Task: {
    parameters: ["datastorePath", "searchSpec"],
    types: { searchSpec: "HostDatastoreBrowserSearchSpec" },
    run: (call) => {
      const place = placeOf(call, argument(call, "datastorePath").text, "Datastore.Browse");
      const about = { reference: place.mounted.reference, name: place.mounted.datastore.name };
      const task = call.service.tasks.beginApart(call.request.name, about, () => search(call, place));
      return reference(task.type, task.id);
    },
  },
};
