/** How the console of a BMC is reached, of its file and of virtualbmc.conf. */
import type { Config } from "../../../settings/config/config.js";
import type { StoredBmc } from "../../../settings/store/storedBmc.js";
import type { ConsoleMode } from "../../ipc/console.js";

/** undefined: the BMC has none. */
export function consoleModeOf(
  { console: setting }: StoredBmc,
  { console: { listen } }: Config,
): ConsoleMode | undefined {
  switch (setting?.kind) {
    case "off":
      return undefined;
    case "connect":
    case "listen":
      return setting;
    default:
      return listen === undefined ? undefined : { kind: "concentrator" };
  }
}

/** Why a BMC has no console, and what to do. */
export function whyNoConsole({ name, console: setting }: StoredBmc): string {
  const has = `${name} has no console: `;
  return setting?.kind === "off"
    ? `${has}console = off in its file; vbmc set ${name} --console '' brings it back`
    : `${has}set [console] listen in virtualbmc.conf and restart vbmcd, or vbmc set ${name} --console tcp://HOST:PORT`;
}

export type ProxyUri = { readonly proxyUri: string } | { readonly fault: string };

/**
 * What VMs need to connect to the concentrator.
 * @param sha1 fingerprint of its certificate, with colons, to be pinned; undefined for clear text
 */
export function proxyUriOf({ console: { listen, address } }: Config, sha1: string | undefined): ProxyUri {
  if (listen === undefined) {
    return { fault: "[console] listen is not set in virtualbmc.conf" };
  }
  const host = address ?? listen.address;
  if (["0.0.0.0", "::"].includes(host)) {
    return {
      fault: `[console] listen is ${host}, which no VM can connect to: set [console] address to what ESXi hosts reach`,
    };
  }
  const place = `${host.includes(":") ? `[${host}]` : host}:${listen.port}`;
  return {
    proxyUri: sha1 === undefined ? `telnet://${place}` : `telnets://${place}#thumbprint=${sha1}`,
  };
}
