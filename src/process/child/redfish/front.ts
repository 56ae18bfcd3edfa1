/** The Redfish services of one process: a separate bundle, which only BMCs with Redfish load. */
import { createSecureContext, type SecureContext } from "node:tls";

import { isOutside } from "../../../io/address/destination.js";
import { type HttpServer, openHttpServer } from "../../../io/http/server.js";
import { bindError } from "../../../io/lan/bindError.js";
import { isIpv6Available } from "../../../io/lan/socket.js";
import type { Handle } from "../../../protocol/redfish/handler.js";
import { createRedfishService, type RedfishOptions } from "../../../protocol/redfish/service.js";
import { createExchange } from "../../common/redfishExchange.js";
import { readRegistry } from "../../common/registryFile.js";
import type { RedfishConfiguration } from "../../ipc/configuration.js";
import { createDelivery } from "./delivery.js";

/** HTTPS, unless it has no port of its own. */
const standardPort = 443;

/** What a service needs of its BMC. */
export type ServedBmc = Pick<
  RedfishOptions,
  "bmc" | "machine" | "storage" | "timers" | "log" | "onRequest" | "onLoginFailed"
> & { readonly onFault: (error: unknown) => void };

export interface RedfishFront {
  /** The certificate from the next handshake on, PEM. */
  readonly show: (pair: { readonly certificate: string; readonly key: string }) => void;
  readonly serve: (served: ServedBmc, configuration: RedfishConfiguration) => BmcRedfish;
}

export interface BmcRedfish {
  /** For requests that do not come through its port. */
  readonly handle: Handle;
  readonly openSessions: () => number;
  /** Resolves once the port is bound; rejects with one line that names address, port and reason. */
  readonly listen: (address: string, port: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** One TLS context for all: one each would take 30 KB. */
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
    serve: (served, configuration) => serve(served, configuration, secureContext),
  };
}

function serve(
  { onFault, ...served }: ServedBmc,
  configuration: RedfishConfiguration,
  secureContext: () => SecureContext,
): BmcRedfish {
  const { port: ownPort, fleetPort, maxConnections, maxSessions, sessionTimeoutSeconds } = configuration;
  const { allowsEventLoopback: allowsLoopback } = configuration;
  const service = createRedfishService({
    ...served,
    maxSessions,
    sessionTimeoutSeconds,
    delivery: createDelivery((address) => isOutside(address, { allowsLoopback })),
    facts: { httpsPort: ownPort ?? fleetPort ?? standardPort, registryFile: readRegistry },
  });
  let server: HttpServer | undefined;
  return {
    handle: service.handle,
    openSessions: service.openSessions,
    listen: async (wanted, port) => {
      // As for UDP, where ipv6.disable=1 is set or a container has no IPv6.
      const address = wanted === "::" && !(await isIpv6Available()) ? "0.0.0.0" : wanted;
      try {
        server = await openHttpServer({
          address,
          port,
          secureContext,
          handle: createExchange(service),
          onError: onFault,
          limits: { maxConnections, maxConnectionsPerClient: Math.ceil(maxConnections / 2) },
        });
      } catch (error) {
        throw bindError(error, address, port, "--redfish-port");
      }
    },
    close: async () => {
      service.close();
      await server?.close();
    },
  };
}
