/** The URIs at which the schemas of types are published (DSP0266 "Schema files"). */

export interface SchemaName {
  /** Such as `ComputerSystem`. */
  readonly namespace: string;
  /** Such as `ComputerSystem.v1_27_0`; for a collection, its namespace. */
  readonly versioned: string;
}

/** @param type `Namespace.vX_Y_Z.Type` */
export function schemaName(type: string): SchemaName {
  const versioned = type.slice(0, type.lastIndexOf("."));
  return { namespace: type.slice(0, type.indexOf(".")), versioned };
}

const publishedBySnia: readonly string[] = ["Volume", "VolumeCollection"];

/** For JSON Schema and CSDL files. */
function folderOf(type: string): string {
  const isSwordfish = publishedBySnia.includes(schemaName(type).namespace);
  return `http://redfish.dmtf.org/schemas/${isSwordfish ? "swordfish/" : ""}v1/`;
}

export function jsonSchemaUri(type: string): string {
  return `${folderOf(type)}${schemaName(type).versioned}.json`;
}

/** The CSDL of a namespace; a collection's file has no version in its name. */
export function csdlUri(type: string): string {
  const { namespace, versioned } = schemaName(type);
  const [, major] = /\.v(\d+)_/.exec(versioned) ?? [];
  return `${folderOf(type)}${namespace}_v${major ?? "1"}.xml`;
}

/** The header that links to a resource's schema. */
export function describedBy(type: string): { readonly Link: string } {
  return { Link: `<${jsonSchemaUri(type)}>; rel=describedby` };
}
