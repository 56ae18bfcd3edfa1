/** `GET /screen/NAME`: a picture of a VM's screen, with the session's token. */
import type { HttpRequest, HttpResponse } from "../../io/http/exchange.js";
import type { FleetService } from "../../protocol/redfish/fleet/service.js";
import type { WebChannel } from "./channel.js";
import { failure } from "./failure.js";

export interface Screens {
  /** undefined: the path is none of a screen. */
  readonly respond: (request: HttpRequest) => Promise<HttpResponse> | undefined;
}

export function createScreens(channel: WebChannel, service: Pick<FleetService, "accessTo">): Screens {
  return {
    respond: (request) => {
      const name = nameIn(request.target);
      return name === undefined ? undefined : show(request, name, channel, service);
    },
  };
}

function nameIn(target: string): string | undefined {
  try {
    const [, id] = /^\/screen\/([^/?]+)$/.exec(target) ?? [];
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

async function show(
  { method, headers }: HttpRequest,
  vmName: string,
  channel: WebChannel,
  service: Pick<FleetService, "accessTo">,
): Promise<HttpResponse> {
  if (method !== "GET") {
    return failure(405, "A screen can only be read.");
  }
  if (!service.accessTo(vmName, String(headers["x-auth-token"] ?? ""))) {
    return failure(401, "Log in first.");
  }
  const result = await channel.readScreen(vmName);
  if (!result.ok) {
    return failure(409, result.message);
  }
  const { png } = result.value as { readonly png: string };
  return {
    status: 200,
    headers: { "Content-Type": "image/png", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" },
    body: Buffer.from(png, "base64"),
  };
}
