/** Who may ask for a file of a datastore, and which file a URL of `/folder` names. */
import type { IncomingMessage } from "node:http";

import type { Service } from "./call.js";
import type { MountedDatastore } from "./datastoreObjects.js";
import type { FolderBehaviour } from "./folderAccess.js";

export interface FilePlace {
  readonly mounted: MountedDatastore;
  readonly path: string;
}

/** The status that refuses the request; undefined for one that may go on. */
export function refusal(
  service: Service,
  { folderTakesCookie, folderTakesTicket }: FolderBehaviour,
  request: IncomingMessage,
  url: URL,
): number | undefined {
  const cookie = request.headers.cookie ?? "";
  const ticket = /vmware_cgi_ticket="?([^";]+)/.exec(cookie)?.[1];
  if (ticket !== undefined) {
    return folderTakesTicket && isGood(service, ticket, request.method ?? "", url) ? undefined : 401;
  }
  if (!service.sessions.find(/vmware_soap_session="?([0-9a-f]+)"?/.exec(cookie)?.[1])) {
    return 401;
  }
  return folderTakesCookie ? undefined : 404;
}

/** It is for one method and URL, and for one use. */
function isGood(service: Service, id: string, method: string, url: URL): boolean {
  const ticket = service.tickets.get(id);
  service.tickets.delete(id);
  if (!ticket) {
    return false;
  }
  const granted = new URL(ticket.url);
  return (
    ticket.method.toLowerCase() === `http${method.toLowerCase()}` &&
    decodeURIComponent(granted.pathname) === decodeURIComponent(url.pathname) &&
    [...granted.searchParams].every(([name, value]) => url.searchParams.get(name) === value)
  );
}

export function placeOf(
  service: Service,
  { folderNeedsDatacenter, folderNeedsDatastore }: FolderBehaviour,
  { searchParams, pathname }: URL,
): FilePlace | undefined {
  const { datastores, datacenterName } = service.inventory;
  const dcPath = searchParams.get("dcPath") ?? (service.isEsxi || !folderNeedsDatacenter ? datacenterName : undefined);
  const isHere = dcPath === datacenterName || (service.isEsxi && dcPath === "ha-datacenter");
  const dsName = searchParams.get("dsName") ?? (folderNeedsDatastore ? undefined : datastores[0]?.datastore.name);
  const mounted = datastores.find(({ datastore }) => datastore.name === dsName && datastore.isAccessible);
  const path = decodeURIComponent(pathname)
    .replace(/^\/folder\/?/, "")
    .replace(/\/+$/, "");
  return mounted && isHere ? { mounted, path } : undefined;
}
