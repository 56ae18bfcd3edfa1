/** Whether a client may do something to a resource (DSP0266 "Redfish service operation-to-privilege mapping"). */
import { message } from "./messages.js";
import { entities, isAllowed, type Privilege } from "./privileges.js";
import { RedfishError } from "./redfishError.js";
import type { Resource, Visit } from "./resource.js";

export function mayRead<P extends object>(resource: Resource<P>, visit: Visit<P>): boolean {
  return resource.isPublic === true || mayDo(entities[resource.entity].read, resource, visit);
}

export function mayChange<P extends object>(resource: Resource<P>, visit: Visit<P>): boolean {
  return mayDo(entities[resource.entity].change, resource, visit);
}

/** Whether the client may write these properties: some may be written only on its own account. */
export function mayWrite<P extends object>(
  resource: Resource<P>,
  visit: Visit<P>,
  properties: readonly string[],
): boolean {
  const { selfWritable = [] } = resource;
  const isSelf = properties.every((name) => selfWritable.includes(name));
  return mayChange(resource, visit) || (isSelf && mayDo(["ConfigureSelf"], resource, visit));
}

/** Throws 403. */
export function requireAccess(isGranted: boolean): void {
  if (!isGranted) {
    throw new RedfishError(403, [message("InsufficientPrivilege")]);
  }
}

function mayDo<P extends object>(anyOf: readonly Privilege[], { isOwn }: Resource<P>, visit: Visit<P>): boolean {
  return visit.principal !== undefined && isAllowed(visit.principal, anyOf, isOwn?.(visit) ?? false);
}
