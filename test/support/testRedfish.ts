/** A Redfish service over a fake machine, and a client that talks to it without a socket. */
import { defined } from "../../src/base/defined.js";
import { createInMemoryStorage } from "../../src/model/bmc/state/storage.js";
import type { CompleteResponse, RedfishResponse } from "../../src/protocol/redfish/exchange.js";
import type { SeenRequest } from "../../src/protocol/redfish/handler.js";
import { type JsonObject, textOf } from "../../src/protocol/redfish/json.js";
import { createRedfishService, type RedfishOptions, type RedfishService } from "../../src/protocol/redfish/service.js";
import { account, createTestBmc, type TestBmc } from "./testBmc.js";

export interface Reply extends RedfishResponse {
  readonly body: JsonObject;
}

export interface TestRedfish extends TestBmc {
  readonly service: RedfishService;
  readonly seen: readonly SeenRequest[];
  /** With Basic authentication as the configured account, unless `headers` say otherwise. */
  readonly send: (
    method: string,
    target: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Reply>;
  readonly get: (target: string) => Promise<JsonObject>;
}

export function basic(name: string = account.name, password: string = account.password): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` };
}

/** The body, as a client reads it. */
export function jsonOf({ body }: CompleteResponse): JsonObject {
  return typeof body === "string" && body.startsWith("{") ? (JSON.parse(body) as JsonObject) : {};
}

/** Without login. */
export const nobody: Readonly<Record<string, string>> = { authorization: "" };

export function createTestRedfish(
  bmcOptions: Parameters<typeof createTestBmc>[0] = {},
  options: Partial<RedfishOptions> = {},
): TestRedfish {
  const test = createTestBmc(bmcOptions);
  const seen: SeenRequest[] = [];
  const service = createRedfishService({
    bmc: test.bmc,
    machine: test.machine,
    storage: createInMemoryStorage(),
    timers: test.timers,
    log: test.write,
    facts: { httpsPort: 443, registryFile: () => Promise.resolve(undefined) },
    delivery: { refusal: () => undefined, post: () => Promise.resolve() },
    onRequest: (request) => void seen.push(request),
    ...options,
  });
  const send: TestRedfish["send"] = async (method, target, body, headers = {}) => {
    const [path = "", query = ""] = target.split("?", 2);
    const { authorization = basic()["authorization"], ...others } = headers;
    const response = await service.handle(
      defined({
        method,
        path,
        query,
        headers: defined({
          ...(authorization !== "" && others["x-auth-token"] === undefined && { authorization }),
          "content-type": body === undefined ? undefined : "application/json",
          ...others,
        }),
        remote: "192.0.2.9",
        body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      }),
    );
    return { ...response, body: jsonOf(response) };
  };
  return Object.assign(test, {
    service,
    seen,
    send,
    get: async (target: string) => {
      const { status, body } = await send("GET", target);
      if (status !== 200) {
        throw new Error(`GET ${target}: ${status} ${JSON.stringify(body)}`);
      }
      return body;
    },
  });
}

/** The names of the messages of an error or of `@Message.ExtendedInfo`. */
export function messageNames({ body }: Reply): string[] {
  const error = body["error"] as JsonObject | undefined;
  const info = (error ?? body)["@Message.ExtendedInfo"] as readonly JsonObject[] | undefined;
  return (info ?? []).map((entry) => textOf(entry["MessageId"]).replace(/^.*\./, ""));
}
