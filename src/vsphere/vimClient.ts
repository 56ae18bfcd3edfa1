/** Calls vim25 methods: plain values in and out, with faults and transport problems as our own errors. */
import { type Client, createClientAsync } from "soap";

import { MachineError } from "../model/machine/errors.js";
import { readFault } from "./faultReading.js";
import type { CallOptions, VimHttpClient } from "./httpClient.js";
import { type MoRef, toSoap } from "./moRef.js";
import { fieldOf, textOf, typeOf } from "./soapValue.js";
import { VimFault, VimTransportError } from "./vimErrors.js";
import { vimWsdl } from "./wsdl.js";

/** Arguments in the order of the vSphere API; undefined leaves one out. */
export type Arguments = Readonly<Record<string, unknown>>;

export interface VimClient {
  /** The `returnval`; throws VimFault or VimTransportError. */
  readonly call: (method: string, target: MoRef, args?: Arguments, options?: Partial<CallOptions>) => Promise<unknown>;
  readonly http: VimHttpClient;
}

/** How long an ordinary call may take, ms. */
const defaultTimeoutMs = 10_000;

/** Methods whose effect a retry would repeat; a second power-on or power-off changes nothing. */
const unrepeatable: ReadonlySet<string> = new Set(["ResetVM_Task", "RebootGuest", "SendNMI"]);

/** Methods that take precedence over readings: power, and those that keep the session and its watch alive. */
const urgent: ReadonlySet<string> = new Set([
  ...["PowerOnVM_Task", "PowerOffVM_Task", "ResetVM_Task", "ShutdownGuest", "RebootGuest", "SendNMI"],
  ...["RetrieveServiceContent", "Login", "Logout", "CurrentTime"],
  ...["CancelWaitForUpdates", "CreateListView", "ModifyListView"],
]);

function usualOptions(method: string, { value }: MoRef): CallOptions {
  const isPoll = method === "WaitForUpdatesEx";
  return {
    timeoutMs: defaultTimeoutMs,
    use: isPoll ? "poll" : unrepeatable.has(method) ? "single" : "usual",
    urgency: urgent.has(method) ? "power" : "rest",
    owner: value,
  };
}

type SoapMethod = (args: unknown, options: CallOptions) => Promise<readonly [unknown]>;

/** A fault counts as an answer of the server; a call without an answer has failed. */
export type CallResult = "ok" | "fault" | "failed";

/** Called after every call. */
export type OnCall = (method: string, result: CallResult) => void;

export async function createVimClient(http: VimHttpClient, onCall: OnCall = () => undefined): Promise<VimClient> {
  const client = await createClientAsync(
    vimWsdl(),
    {
      // `soap` passes its options through.
      httpClient: http as never,
      disableCache: true,
      preserveWhitespace: true,
      attributesKey: "attributes",
      valueKey: "$value",
    },
    "urn:vim25",
  );
  return {
    http,
    call: async (method, target, args = {}, options) => {
      const sendable = toSendable(args) as Arguments;
      try {
        const [result] = await soapMethod(client, method)(
          { _this: toSoap(target), ...sendable },
          { ...usualOptions(method, target), ...options },
        );
        onCall(method, "ok");
        return fieldOf(result, "returnval");
      } catch (error) {
        const failure = toVimError(error, method);
        onCall(method, failure instanceof VimFault ? "fault" : "failed");
        throw failure;
      }
    },
  };
}

/** Characters that XML 1.0 cannot represent (§2.2). */
const unwritable = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Escapes arguments for `soap`, which sends texts that look like CDATA sections unchanged, turns a Date into an empty
 * element, and does not reject invalid characters. Throws MachineError.
 */
function toSendable(value: unknown): unknown {
  if (typeof value === "string") {
    if (unwritable.test(value)) {
      throw new MachineError(
        "unsupported",
        "a name or password contains a control character, which cannot be sent to vSphere",
      );
    }
    return value.startsWith("<![CDATA[") ? { $xml: escapeText(value) } : value;
  }
  if (value instanceof Date) {
    return value.toISOString();
  }
  if (Array.isArray(value)) {
    return value.map(toSendable);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toSendable(inner)]))
    : (value ?? undefined);
}

/** `]]>` must be escaped too (XML 1.0 §2.4), and a carriage return would become a line feed (§2.11). */
function escapeText(text: string): string {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;" };
  return text.replace(/[&<>\r]/g, (character) => entities[character as keyof typeof entities]);
}

function soapMethod(client: Client, name: string): SoapMethod {
  return (client as unknown as Record<string, SoapMethod>)[`${name}Async`]?.bind(client) as SoapMethod;
}

/** Converts errors of `soap`, and drops the originals: they hold the request, and so the password of a login. */
function toVimError(error: unknown, method: string): Error {
  if (error instanceof VimTransportError || error instanceof MachineError) {
    return error;
  }
  const body = fieldOf(fieldOf(fieldOf(error, "root"), "Envelope"), "Body");
  const fault = fieldOf(body, "Fault");
  if (fault === undefined) {
    return new VimTransportError("badResponse", `the answer to ${method} is not a valid vSphere response`);
  }
  const [[element, detail] = []] = Object.entries((fieldOf(fault, "detail") ?? {}) as Record<string, unknown>);
  const name = typeOf(detail) ?? element?.replace(/Fault$/, "") ?? "SystemError";
  return readFault(detail, name, textOf(fieldOf(fault, "faultstring")), method);
}
