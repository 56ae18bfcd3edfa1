/** The Redfish services of one process; a bundle of its own, which only BMCs that serve Redfish load. */
import { createSecureContext, type SecureContext } from "node:tls";

import { isOutside } from "../../../io/address/destination.js";
import { openHttpServer } from "../../../io/http/server.js";
import { bindError } from "../../../io/lan/bindError.js";
import { isIpv6Available } from "../../../io/lan/socket.js";
import { createRedfishService, type RedfishOptions } from "../../../protocol/redfish/service.js";
import type { RedfishConfiguration } from "../../ipc/configuration.js";
import { createDelivery } from "./delivery.js";
import { createExchange } from "./exchange.js";
import { readRegistry } from "./registryFile.js";

export interface RedfishPlace {
  /** IP address. */
  readonly address: string;
  readonly configuration: RedfishConfiguration;
}

/** What a service is given of its BMC. */
export type ServedBmc = Pick<
  RedfishOptions,
  "bmc" | "machine" | "storage" | "timers" | "log" | "onRequest" | "onLoginFailed"
> & { readonly onFault: (error: unknown) => void };

export interface RedfishFront {
  /** What clients are shown from the next handshake on, PEM. */
  readonly show: (pair: { readonly certificate: string; readonly key: string }) => void;
  /** Resolves once the port is bound; rejects with one line that names address, port and reason. */
  readonly open: (place: RedfishPlace, served: ServedBmc) => Promise<{ readonly close: () => Promise<void> }>;
}

/** One TLS context for all of them: each of its own would take 30 KB. */
export function createRedfishFront(): RedfishFront {
  let shown: object | undefined;
  let context: SecureContext | undefined;

  function secureContext(): SecureContext {
    if (!context) {
      throw new Error("there is no certificate yet");
    }
    return context;
  }

  return {
    show: (pair) => {
      if (pair !== shown) {
        context = createSecureContext({ cert: pair.certificate, key: pair.key, minVersion: "TLSv1.2" });
        shown = pair;
      }
    },
    open: (place, served) => open(place, served, secureContext),
  };
}

async function open(
  { address: wanted, configuration }: RedfishPlace,
  { onFault, ...served }: ServedBmc,
  secureContext: () => SecureContext,
): Promise<{ close: () => Promise<void> }> {
  const { port, maxConnections, maxSessions, sessionTimeoutSeconds } = configuration;
  // As for UDP, where ipv6.disable=1 is set or a container has no IPv6.
  const address = wanted === "::" && !(await isIpv6Available()) ? "0.0.0.0" : wanted;
  const service = createRedfishService({
    ...served,
    maxSessions,
    sessionTimeoutSeconds,
    delivery: createDelivery(isOutside),
    facts: { httpsPort: port, registryFile: readRegistry },
  });
  try {
    const server = await openHttpServer({
      address,
      port,
      secureContext,
      handle: createExchange(service),
      onError: onFault,
      limits: { maxConnections, maxConnectionsPerClient: Math.ceil(maxConnections / 2) },
    });
    return {
      close: async () => {
        service.close();
        await server.close();
      },
    };
  } catch (error) {
    service.close();
    throw bindError(error, address, port, "--redfish-port");
  }
}
