/** The HTTPS server of the web process: the page, and Redfish for all BMCs. */
import { createSecureContext, type SecureContext } from "node:tls";

import type { HttpHandler } from "../../io/http/exchange.js";
import { type HttpServer, openHttpServer } from "../../io/http/server.js";
import { bindError } from "../../io/lan/bindError.js";
import type { FleetService } from "../../protocol/redfish/fleet/service.js";
import { createExchange } from "../common/redfishExchange.js";
import type { WebConfiguration } from "../ipc/web.js";
import type { OnUpgrade } from "./consoleSocket.js";
import type { PageFiles } from "./pageFiles.js";
import type { Screens } from "./screens.js";
import type { Uploads } from "./uploads.js";

export interface WebServerOptions {
  readonly configuration: WebConfiguration;
  readonly service: Pick<FleetService, "handle">;
  readonly page: PageFiles;
  readonly uploads: Uploads;
  readonly screens: Screens;
  readonly onUpgrade: OnUpgrade;
  readonly certificate: () => { readonly certificate: string; readonly key: string };
  readonly onError: (error: unknown) => void;
}

/** An image over a slow line. */
const uploadTimeoutMs = 12 * 60 * 60 * 1_000;

/** Rejects with one line that names address, port and reason. */
export async function openWebServer(options: WebServerOptions): Promise<HttpServer> {
  const { configuration, service, page, uploads, screens, onUpgrade, certificate, onError } = options;
  const { address, port, maxConnections } = configuration;
  const redfish = createExchange(service);
  let shown: { readonly certificate: string; readonly key: string } | undefined;
  let context: SecureContext | undefined;

  function secureContext(): SecureContext {
    const pair = certificate();
    if (!context || shown !== pair) {
      context = createSecureContext({ cert: pair.certificate, key: pair.key, minVersion: "TLSv1.2" });
      shown = pair;
    }
    return context;
  }

  const handle: HttpHandler = async (request) =>
    page.respond(request) ?? uploads.respond(request) ?? screens.respond(request) ?? redfish(request);
  try {
    return await openHttpServer({
      address,
      port,
      secureContext,
      handle,
      onUpgrade,
      onError,
      limits: { maxConnections, maxConnectionsPerClient: maxConnections, bodyTimeoutMs: uploadTimeoutMs },
    });
  } catch (error) {
    throw bindError(error, address, port, "[web] listen");
  }
}
