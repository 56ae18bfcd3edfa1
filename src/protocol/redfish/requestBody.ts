/** Reads the body of a request as a JSON object (DSP0266 "POST", "PATCH"). */
import type { RedfishRequest } from "./exchange.js";
import { isJsonObject, type JsonObject, parseJson } from "./json.js";
import { message } from "./messages.js";
import { RedfishError } from "./redfishError.js";

export const maxBodyBytes = 64 * 1_024;

export function payloadTooLarge(): RedfishError {
  return new RedfishError(413, [message("PayloadTooLarge")]);
}

/** No body is an empty object: sushy ejects media without one. Throws RedfishError. */
export function readBody({
  body = "",
  isBodyTooLarge,
  headers,
}: Pick<RedfishRequest, "body" | "isBodyTooLarge" | "headers">): JsonObject {
  if (isBodyTooLarge || Buffer.byteLength(body) > maxBodyBytes) {
    throw payloadTooLarge();
  }
  if (body === "") {
    return {};
  }
  const type = headers["content-type"];
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type)) {
    const text = `The service accepts bodies of application/json, not of ${type.slice(0, 64)}.`;
    throw new RedfishError(415, [message("HeaderInvalid", ["Content-Type"], { text })]);
  }
  const value = parseJson(body);
  if (value === undefined) {
    throw new RedfishError(400, [message("MalformedJSON")]);
  }
  if (!isJsonObject(value)) {
    throw new RedfishError(400, [message("UnrecognizedRequestBody")]);
  }
  return value;
}
