/** The JSON messages of the control socket, as in the original, with additional fields. */
import * as v from "valibot";

import { accountRequest } from "./accountMessages.js";
import { answerRequest } from "./answerMessages.js";
import { addEntries } from "./bmcEntries.js";
import { checkRequest, discoverRequest } from "./checkMessages.js";
import { consoleRequest } from "./consoleMessages.js";
import { exportRequest, importRequest } from "./importMessages.js";
import { mediaRequest } from "./mediaMessages.js";
import { setRequest } from "./setMessages.js";
import { trustRequest } from "./trustMessages.js";
import { busyRequest, waitRequest } from "./waitMessages.js";

const addRequest = v.object({ command: v.literal("add"), ...addEntries });

const namesRequest = v.object({
  command: v.picklist(["delete", "start", "stop"]),
  vm_names: v.array(v.string()),
  // Extension: all BMCs, whatever the names (start and stop only), and how long the client waits, ms.
  all: v.optional(v.boolean(), false),
  timeout_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

/** Formatting options are part of the request, but only the client uses them. */
const listRequest = v.object({
  command: v.literal("list"),
  fakemac: v.optional(v.boolean(), false),
  // Extension: why a BMC is in error, and the state of its VM.
  long: v.optional(v.boolean(), false),
});

const showRequest = v.object({
  command: v.literal("show"),
  vm_name: v.string(),
  /** Extension: also return properties that the original does not have. */
  long: v.optional(v.boolean(), false),
});

/** How long the daemon may hold a request, ms. */
const longestWaitMs = 60_000;

const eventsRequest = v.object({
  command: v.literal("events"),
  /** Only of these BMCs or vCenters; empty for all. */
  vm_names: v.optional(v.array(v.string()), []),
  /** The cursor of an earlier answer: return only later events. */
  after: v.optional(v.string()),
  /** How long to wait for the first event. */
  wait_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(longestWaitMs)), 0),
});

const controlRequest = v.variant("command", [
  addRequest,
  namesRequest,
  listRequest,
  showRequest,
  checkRequest,
  discoverRequest,
  setRequest,
  eventsRequest,
  trustRequest,
  answerRequest,
  importRequest,
  exportRequest,
  mediaRequest,
  accountRequest,
  waitRequest,
  busyRequest,
  consoleRequest,
]);

export type { AccountRequest } from "./accountMessages.js";
export type { AnswerRequest } from "./answerMessages.js";
export type { CheckRequest, DiscoverRequest } from "./checkMessages.js";
export type { ConsoleRequest } from "./consoleMessages.js";
export type { ExportRequest, ImportedBmc, ImportRequest } from "./importMessages.js";
export type { MediaRequest } from "./mediaMessages.js";
export type { SetRequest } from "./setMessages.js";
export type { TrustRequest } from "./trustMessages.js";
export type { JobName, WaitRequest } from "./waitMessages.js";
export type AddRequest = v.InferOutput<typeof addRequest>;
export type NamesRequest = v.InferOutput<typeof namesRequest>;
export type ListRequest = v.InferOutput<typeof listRequest>;
export type ShowRequest = v.InferOutput<typeof showRequest>;
export type EventsRequest = v.InferOutput<typeof eventsRequest>;
export type ControlRequest = v.InferOutput<typeof controlRequest>;

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

const commands: readonly string[] = [
  "add",
  "delete",
  "start",
  "stop",
  "list",
  "show",
  "check",
  "discover",
  "set",
  "events",
  "trust",
  "answer",
  "import",
  "export",
  "media",
  "account",
  "wait",
  "busy",
  "console",
];

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
