/** What a property collector answers for an object that the account may not read: each property is in missingSet. */
import { noPermission } from "./authorization.js";
import { localized } from "./fault.js";
import type { ManagedObject } from "./managedObject.js";
import { type FilterSpec, pathsFor } from "./selection.js";
import { encodeValue } from "./xml.js";

export function encodeRefusals(spec: FilterSpec, object: ManagedObject, xsi: string): string {
  const why = encodeValue("fault", localized(noPermission(object.reference, "System.Read")), xsi);
  return pathsFor(spec, object)
    .map((path) => `<missingSet><path>${path}</path>${why}</missingSet>`)
    .join("");
}
