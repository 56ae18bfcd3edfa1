/** Calls of vim25 methods: plain values in and out, faults and transport problems as our own errors. */
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

/** What a second call would do once more; a second power-on or -off finds the work done. */
const unrepeatable: ReadonlySet<string> = new Set(["ResetVM_Task", "RebootGuest", "SendNMI"]);

/** What does not wait behind readings: power, and what keeps the session and its watch alive. */
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

/** A fault is an answer of the server; without any answer a call has failed. */
export type CallResult = "ok" | "fault" | "failed";

/** Is told of every call that has ended. */
export type OnCall = (method: string, result: CallResult) => void;

export async function createVimClient(http: VimHttpClient, onCall: OnCall = () => undefined): Promise<VimClient> {
  const client = await createClientAsync(
    vimWsdl(),
    {
      // `soap` hands through whatever we give it.
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

/** Characters that XML 1.0 §2.2 has no way to write. */
const unwritable = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Arguments such that `soap` sends what is meant: it leaves a text that looks like a CDATA section as it is, makes an empty
 * element of a Date, and passes what no XML parser takes. Throws MachineError.
 */
function toSendable(value: unknown): unknown {
  if (typeof value === "string") {
    if (unwritable.test(value)) {
      throw new MachineError(
        "unsupported",
        "a name or password holds a control character, which vSphere cannot be sent",
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

/** `]]>` too may not stand in a text as it is (XML 1.0 §2.4), and a carriage return would become a line feed (§2.11). */
function escapeText(text: string): string {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;" };
  return text.replace(/[&<>\r]/g, (character) => entities[character as keyof typeof entities]);
}

function soapMethod(client: Client, name: string): SoapMethod {
  return (client as unknown as Record<string, SoapMethod>)[`${name}Async`]?.bind(client) as SoapMethod;
}

/** Whatever `soap` throws is taken apart here and forgotten: it holds the request, and with it the password of a login. */
function toVimError(error: unknown, method: string): Error {
  if (error instanceof VimTransportError || error instanceof MachineError) {
    return error;
  }
  const body = fieldOf(fieldOf(fieldOf(error, "root"), "Envelope"), "Body");
  const fault = fieldOf(body, "Fault");
  if (fault === undefined) {
    return new VimTransportError("badResponse", `the answer to ${method} is not what vSphere answers`);
  }
  const [[element, detail] = []] = Object.entries((fieldOf(fault, "detail") ?? {}) as Record<string, unknown>);
  const name = typeOf(detail) ?? element?.replace(/Fault$/, "") ?? "SystemError";
  return readFault(detail, name, textOf(fieldOf(fault, "faultstring")), method);
}
