/** Validates a BMC: in the command line before the request is sent, and in the daemon before a file is written. */
import { keyOrder, type StoredKey, valueProblem } from "../settings/store/bmcKeys.js";
import type { AddRequest } from "./messages.js";

/** `host`, `host:port`, `[v6]`, `[v6]:port` and a bare `v6`; a file of the original may contain anything. */
const server = /^([^:[\]/@\s]+(:\d{1,5})?|\[[0-9a-f:.%]+\](:\d{1,5})?|[0-9a-f:.]+)$/i;
const lineBreaks = /[\0\r\n]/;

export const halfCredentials = "A password and username are required to use VI Server authentication";

/** One line that names the problem and the remedy; undefined if the BMC is valid. */
export function validateAdd(request: AddRequest): string | undefined {
  const { viserver, viserver_thumbprint: thumbprint, viserver_insecure: isInsecure } = request;
  for (const key of keyOrder) {
    const problem = keyProblem(key, request);
    if (problem !== undefined) {
      return `${key.replaceAll("_", "-")} ${problem}`;
    }
  }
  if (viserver !== null && !server.test(viserver)) {
    return `viserver ${viserver} is not a valid address: use host, host:port, [IPv6] or [IPv6]:port`;
  }
  if (thumbprint !== undefined && isInsecure === true) {
    return "viserver-thumbprint and viserver-insecure are mutually exclusive";
  }
  return (request.viserver_username === null) === (request.viserver_password === null) ? undefined : halfCredentials;
}

function keyProblem(key: StoredKey, request: AddRequest): string | undefined {
  const value = key === "active" ? undefined : request[key];
  if (value === undefined || value === null || typeof value === "boolean") {
    return undefined;
  }
  const text = String(value);
  return lineBreaks.test(text) ? "must not contain a line break" : valueProblem(key, text);
}
