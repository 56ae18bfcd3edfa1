/** Redfish requests of this page: JSON in and out, the session's token in a header, errors as the service words them. */

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json | undefined };
export type Resource = Record<string, Json | undefined>;

/** What the service answered instead of a result; `status` 0: it was not reached. */
export class RedfishFailure extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Resource;
}

export interface RedfishClient {
  /** Rejects with RedfishFailure, as all of them do. */
  readonly get: (uri: string) => Promise<Resource>;
  readonly post: (uri: string, body: Resource) => Promise<Reply>;
  readonly patch: (uri: string, body: Resource) => Promise<Reply>;
  readonly remove: (uri: string) => Promise<Reply>;
  /** The response before its body is read. */
  readonly open: (uri: string, signal: AbortSignal) => Promise<Response>;
}

export interface ClientEvents {
  /** The session is over. */
  readonly onUnauthorized: () => void;
}

export const unreachable = "The server cannot be reached. The page tries again by itself.";

export function createClient(token: () => string | undefined, { onUnauthorized }: ClientEvents): RedfishClient {
  async function send(method: string, uri: string, body?: Resource, signal?: AbortSignal): Promise<Response> {
    const sent = token();
    const response = await fetch(uri, {
      method,
      cache: "no-store",
      credentials: "omit",
      headers: {
        ...(sent !== undefined && { "X-Auth-Token": sent }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    }).catch(() => {
      throw new RedfishFailure(0, unreachable);
    });
    if (response.status === 401 && sent !== undefined) {
      onUnauthorized();
    }
    return response;
  }

  async function exchange(method: string, uri: string, body?: Resource): Promise<Reply> {
    const response = await send(method, uri, body);
    const text = await response.text();
    const parsed = parse(text);
    if (!response.ok) {
      throw new RedfishFailure(
        response.status,
        messageOf(parsed) ?? `The server answered with status ${response.status}.`,
      );
    }
    return { status: response.status, headers: response.headers, body: parsed };
  }

  return {
    get: async (uri) => (await exchange("GET", uri)).body,
    post: (uri, body) => exchange("POST", uri, body),
    patch: (uri, body) => exchange("PATCH", uri, body),
    remove: (uri) => exchange("DELETE", uri),
    open: (uri, signal) => send("GET", uri, undefined, signal),
  };
}

function parse(text: string): Resource {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

/** The first message of an error body (DSP0266 "Error responses"). */
function messageOf(body: Resource): string | undefined {
  const [first] = listOf(objectOf(body["error"])["@Message.ExtendedInfo"]);
  return textOf(first?.["Message"]);
}

export function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function objectOf(value: Json | undefined): Resource {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

export function listOf(value: Json | undefined): Resource[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

export function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

export function linkOf(value: Json | undefined): string | undefined {
  return textOf(objectOf(value)["@odata.id"]);
}
