/** Answers to a call that are none: faults, broken connections and whatever else the rules demand. */
import type { ServerResponse } from "node:http";

import { Fault } from "./fault.js";
import type { Misbehaviour, Restoration } from "./rules.js";

export interface MisbehaviourOptions {
  readonly later: (delayMs: number, step: () => void) => void;
  readonly restore: (restoration: Restoration) => void;
  readonly sendFault: (response: ServerResponse, fault: Fault) => void;
}

/** True when the misbehaviour was the whole answer. */
export async function misbehave(
  misbehaviour: Misbehaviour,
  response: ServerResponse,
  { later, restore, sendFault }: MisbehaviourOptions,
): Promise<boolean> {
  switch (misbehaviour.kind) {
    case "delay":
      await new Promise<void>((resolve) => later(misbehaviour.ms, resolve));
      return false;
    case "fault":
      sendFault(response, new Fault(misbehaviour.type, misbehaviour.message ?? "injected"));
      return true;
    case "unavailable":
      sendUnavailable(response);
      return true;
    case "redirect":
      response.writeHead(302, { Location: "/ui/" }).end();
      return true;
    case "garbage":
      response.writeHead(200, { "Content-Type": "text/xml" }).end("<soapenv:Envelope><soapenv:Body><returnval>");
      return true;
    case "empty":
      response.writeHead(200).end();
      return true;
    case "reset":
      response.socket?.destroy();
      return true;
    case "hang":
      return true;
    case "restored":
      restore(misbehaviour);
      return false;
    // For files only.
    case "status":
    case "cut":
    case "lose":
      return false;
  }
}

export function sendUnavailable(response: ServerResponse): void {
  response
    .writeHead(503, { "Content-Type": "text/html" })
    .end("<html><body><h1>503 Service Unavailable</h1></body></html>");
}
