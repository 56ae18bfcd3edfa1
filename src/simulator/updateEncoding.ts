/** What one filter of a property collector reports about an object: what its client does not know yet. */
import type { ManagedObject, ObjectTable } from "./managedObject.js";
import { encodeRefusals } from "./refusals.js";
import { type FilterSpec, pathsFor } from "./selection.js";
import { type Reference, valueAt } from "./value.js";
import { encodeReference, encodeValue, escapeXml } from "./xml.js";

export interface Filter {
  readonly id: string;
  readonly spec: FilterSpec;
  /** It finds objects by traversals: which ones may change. */
  readonly isTraversing: boolean;
  /** IDs of the objects that the spec selected when it was looked at last. */
  selected: ReadonlySet<string>;
  /** What the client knows, by object. */
  readonly told: Map<string, Told>;
  /** Objects whose properties may differ from the reported ones. */
  readonly dirty: Set<string>;
}

interface Told {
  readonly reference: Reference;
  /** Path to encoded value. */
  readonly values: Map<string, string>;
}

export interface EncodingOptions {
  readonly objects: ObjectTable;
  /** The prefix that values name their types with. */
  readonly xsi: () => string;
  readonly mayRead: (object: Reference) => boolean;
}

/** The ObjectUpdate as XML; undefined when there is nothing to tell. */
export function encodeObjectUpdate(
  { objects, xsi, mayRead }: EncodingOptions,
  filter: Filter,
  id: string,
): string | undefined {
  const object = objects.find(id);
  const told = filter.told.get(id);
  if (!object || !filter.selected.has(id)) {
    filter.told.delete(id);
    return told && `<objectSet><kind>leave</kind>${encodeReference("obj", told.reference)}</objectSet>`;
  }
  const known = told?.values ?? new Map<string, string>();
  filter.told.set(id, { reference: object.reference, values: known });
  const isReadable = mayRead(object.reference);
  const changes = isReadable
    ? encodeChanges(filter.spec, object, known, xsi())
    : encodeRefusals(filter.spec, object, xsi());
  if (told && (changes === "" || !isReadable)) {
    return undefined;
  }
  return `<objectSet><kind>${told ? "modify" : "enter"}</kind>${encodeReference("obj", object.reference)}${changes}</objectSet>`;
}

function encodeChanges(spec: FilterSpec, object: ManagedObject, known: Map<string, string>, xsi: string): string {
  const properties = object.properties();
  return pathsFor(spec, object)
    .map((path) => {
      const value = valueAt(properties, path);
      const encoded = value ? encodeValue("val", value, xsi) : "";
      // A property that is unset from the start is not reported.
      if ((known.get(path) ?? "") === encoded) {
        return "";
      }
      known.set(path, encoded);
      return `<changeSet><name>${escapeXml(path)}</name><op>assign</op>${encoded}</changeSet>`;
    })
    .join("");
}
