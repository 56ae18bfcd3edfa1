/** Ironic's API, asked by plain HTTP. */
import { setTimeout as sleep } from "node:timers/promises";

import { defined } from "../../src/base/defined.js";

/** The last version of the API that Debian 12's Ironic (21.4) speaks. */
const apiVersion = "1.82";
/** For what Ironic does in its own time. */
export const ironicWaitMs = 120_000;
/** The API has no events. */
export const pollIntervalMs = 200;

/** What Ironic could not do: an answer with a status of 400 and above, or what a node tells afterwards (status 0). */
export class IronicError extends Error {
  override name = "IronicError";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type IronicRequest = (method: string, resource: string, body?: unknown) => Promise<unknown>;

/** `url` without `/v1`. A node that a periodic task holds (409) is asked again, as Ironic's own client does. */
export function createIronicRequest(url: string): IronicRequest {
  return async (method, resource, body) => {
    const init = defined({
      method,
      headers: { "X-OpenStack-Ironic-API-Version": apiVersion, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const endsAt = Date.now() + ironicWaitMs;
    for (;;) {
      const response = await fetch(`${url}/v1/${resource}`, init);
      const text = await response.text();
      if (response.ok) {
        return text === "" ? undefined : (JSON.parse(text) as unknown);
      }
      if (response.status !== 409 || Date.now() > endsAt) {
        throw new IronicError(response.status, `${method} ${resource}: ${response.status} ${faultText(text)}`);
      }
      await sleep(pollIntervalMs);
    }
  };
}

/** The message within the message that Ironic makes of a fault. */
function faultText(body: string): string {
  try {
    const { error_message: message } = JSON.parse(body) as { error_message: unknown };
    const fault = typeof message === "string" ? (JSON.parse(message) as unknown) : message;
    return String((fault as { faultstring: unknown }).faultstring);
  } catch {
    return body;
  }
}
