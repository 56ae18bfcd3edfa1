/** The JSON messages of the control socket, as in the original, with additional fields. */
import * as v from "valibot";

import { commands, type ControlRequest, controlRequest } from "./requests/index.js";

export type { AccountRequest } from "./requests/account.js";
export type { AddRequest } from "./requests/add.js";
export type { AnswerRequest } from "./requests/answer.js";
export type { CheckRequest } from "./requests/check.js";
export type { ConsoleRequest } from "./requests/console.js";
export type { DiscoverRequest } from "./requests/discover.js";
export type { EventsRequest } from "./requests/events.js";
export type { ExportRequest } from "./requests/export.js";
export type { ImportedBmc, ImportRequest } from "./requests/import.js";
export type { ListRequest } from "./requests/list.js";
export type { MediaRequest } from "./requests/media.js";
export type { NamesRequest } from "./requests/names.js";
export type { SetRequest } from "./requests/set.js";
export type { ShowRequest } from "./requests/show.js";
export type { TrustRequest } from "./requests/trust.js";
export type { JobName, WaitRequest } from "./requests/wait.js";
export type { ControlRequest } from "./requests/index.js";

export type Cell = string | number | null;

const cell = v.union([v.string(), v.number(), v.null()]);

const controlResponse = v.object({
  /** 0, or the highest code of the failures. */
  rc: v.pipe(v.number(), v.integer()),
  /** One text per failure, in the order of the names in the request. */
  msg: v.optional(v.array(v.string())),
  header: v.optional(v.array(v.string())),
  rows: v.optional(v.array(v.array(cell))),
  /** The names that `msg` is about, if each text is about one BMC. */
  failed: v.optional(v.array(v.string())),
  /** The names that are still pending: `wait` waits for them. */
  pending: v.optional(v.array(v.string())),
  /** Of busy: requests in progress. */
  working: v.optional(v.pipe(v.number(), v.integer())),
  /** Of events: send it as `after` in the next request. */
  cursor: v.optional(v.string()),
});

export type ControlResponse = v.InferOutput<typeof controlResponse>;

export type ParsedRequest =
  { readonly ok: true; readonly request: ControlRequest } | { readonly ok: false; readonly response: ControlResponse };

/** Parses a request; for invalid input, returns the error response to send. */
export function parseRequest(bytes: Uint8Array): ParsedRequest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return refuse("The request is not JSON in UTF-8");
  }
  const command = typeof value === "object" && value !== null && "command" in value ? value.command : undefined;
  if (typeof command !== "string" || !commands.includes(command)) {
    return refuse("Unknown command");
  }
  const parsed = v.safeParse(controlRequest, value);
  if (parsed.success) {
    return { ok: true, request: parsed.output };
  }
  const [issue] = parsed.issues;
  return refuse(`Invalid ${command} request: ${v.getDotPath(issue) ?? "request"}${describe(issue)}`);
}

/** States what was expected, not what was received: that may be a password. */
function describe({ expected, received }: v.BaseIssue<unknown>): string {
  return received === "undefined" ? " is missing" : `: expected ${expected ?? "something else"}`;
}

function refuse(message: string): ParsedRequest {
  return { ok: false, response: { rc: 1, msg: [message] } };
}

/** Throws an Error for an invalid response. */
export function parseResponse(bytes: Uint8Array): ControlResponse {
  return v.parse(controlResponse, JSON.parse(new TextDecoder().decode(bytes)));
}

export function encodeMessage(message: ControlRequest | ControlResponse | Record<string, unknown>): string {
  return JSON.stringify(message);
}
