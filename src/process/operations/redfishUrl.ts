/** Where a BMC's Redfish service is. */
import { hostname } from "node:os";

import { readAddress } from "../../io/address/spelling.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";

const wildcards: ReadonlySet<string> = new Set(["::", "0.0.0.0"]);

/** The URL of a BMC's Redfish service; undefined if it has none. One on all addresses is named by this host's name. */
export function redfishUrl({ address, redfishPort }: StoredBmc): string | undefined {
  if (redfishPort === undefined) {
    return undefined;
  }
  const read = readAddress(address);
  const canonical = read?.kind === "ip" ? read.address : address;
  const host = wildcards.has(canonical) ? hostname() : canonical;
  return `https://${host.includes(":") ? `[${host}]` : host}${redfishPort === 443 ? "" : `:${redfishPort}`}/redfish/v1/`;
}
