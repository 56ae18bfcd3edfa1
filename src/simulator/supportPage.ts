/** GET /cgi-bin/vm-support.cgi on the host: the old way of a diagnostic interrupt, allowed by a single-use ticket. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Service } from "./call.js";
import { vmPathName } from "./simulatedVm.js";

export function answerSupportPage(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  { inventory, tickets, consoles }: Service,
): void {
  const ticket = /vmware_cgi_ticket=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
  const url = tickets.get(ticket)?.url;
  tickets.delete(ticket);
  if (url === undefined || new URL(url).search !== new URL(request.url ?? "/", url).search) {
    response.writeHead(401).end();
    return;
  }
  const { datastoreName, datastoreUrl } = inventory.surroundings;
  // By the datastore's URL, or by the link that a host has in its name.
  const volumes = [datastoreUrl, `/vmfs/volumes/${datastoreName}/`];
  const vm = [...inventory.vms.values()].find((candidate) => {
    const path = vmPathName(candidate, inventory.surroundings);
    return volumes.some((volume) => path.replace(`[${datastoreName}] `, volume) === query.get("vm"));
  });
  if (!vm || query.get("manifests") !== "HungVM:Send_NMI_To_Guest") {
    response.writeHead(404).end();
    return;
  }
  vm.nmiCount++;
  consoles.interrupted(vm);
  response.writeHead(200, { "Content-Type": "text/plain" }).end("done\n");
}
