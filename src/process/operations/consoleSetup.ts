/** The serial port that a VM needs for the console of its BMC. */
import type { ConsoleSetup } from "../../model/machine/serialPort.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import type { ConsoleMode } from "../ipc/console.js";
import { serviceUriOf } from "../ipc/serviceUri.js";
import { whyNoConsole } from "../supervisor/console/consoleMode.js";
import type { Supervisor } from "../supervisor/supervisor.js";

type Setup = ConsoleSetup | { readonly fault: string };

export async function consoleSetup(bmc: StoredBmc, supervisor: Supervisor, isEncrypted: boolean): Promise<Setup> {
  const { name } = bmc;
  const { consoles } = supervisor;
  const mode = consoles.modeOf(name);
  const more = {
    /** One that has been connected needs no push. */
    reconnect: consoles.stateOf(name)?.connectedSince === undefined,
    formerUri: consoles.formerPort(name),
  };
  switch (mode?.kind) {
    case undefined:
      return { fault: whyNoConsole(bmc) };
    case "connect":
      return { serviceUri: `${mode.protocol}://:${mode.port}`, direction: "server", proxyUri: null, ...more };
    case "listen":
      return listenSetup(mode, supervisor, more);
    case "concentrator": {
      const proxy = consoles.proxyUri(isEncrypted);
      const token = await consoles.tokenOf(name);
      if ("fault" in proxy) {
        return proxy;
      }
      const serviceUri = serviceUriOf(name, token ?? "");
      return { serviceUri, direction: "server", proxyUri: proxy.proxyUri, ...more };
    }
  }
}

function listenSetup(
  { protocol, address, port }: Extract<ConsoleMode, { kind: "listen" }>,
  { config }: Supervisor,
  more: Pick<ConsoleSetup, "formerUri" | "reconnect">,
): Setup {
  const isWildcard = ["0.0.0.0", "::"].includes(address);
  const host = isWildcard ? config.console.address : address;
  if (host === undefined) {
    return { fault: `no VM can connect to ${address}: set [console] address to what ESXi hosts reach` };
  }
  const shown = host.includes(":") ? `[${host}]` : host;
  return { serviceUri: `${protocol}://${shown}:${port}`, direction: "client", proxyUri: null, ...more };
}
