/** Checks the request headers (DSP0266 "Request headers"). */
import { matchesEtag } from "./etag.js";
import type { RedfishRequest } from "./exchange.js";
import { message } from "./messages.js";
import { RedfishError } from "./redfishError.js";

type Headers = RedfishRequest["headers"];

/** Throws 412 for an unsupported version of OData, and 406 if the client does not accept JSON. */
export function checkHeaders(headers: Headers): void {
  const version = headers["odata-version"];
  if (version !== undefined && version.trim() !== "4.0") {
    const text = "The service supports OData version 4.0: omit the header OData-Version, or send 4.0.";
    throw new RedfishError(412, [message("HeaderInvalid", ["OData-Version"], { text })]);
  }
  const accept = headers["accept"];
  if (accept !== undefined && accept.trim() !== "" && !takesJson(accept)) {
    const text = "The service returns application/json, which the header Accept does not allow.";
    throw new RedfishError(406, [message("HeaderInvalid", ["Accept"], { text })]);
  }
}

function takesJson(accept: string): boolean {
  // What nearly all clients say needs no closer look.
  if (accept === "*/*" || accept === "application/json") {
    return true;
  }
  return accept.split(",").some((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return !isRefused && ["*/*", "application/*", "application/json"].includes(type);
  });
}

/** Throws 412 if the client's ETag is that of another state of the resource. */
export function checkIfMatch(headers: Headers, etag: string): void {
  const wanted = headers["if-match"];
  if (wanted !== undefined && !matchesEtag(wanted, etag)) {
    throw new RedfishError(412, [message("PreconditionFailed")]);
  }
}

/** The client already has this state. */
export function isUnchanged(headers: Headers, etag: string): boolean {
  const known = headers["if-none-match"];
  return known !== undefined && matchesEtag(known, etag);
}
