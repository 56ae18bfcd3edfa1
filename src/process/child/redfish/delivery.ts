/** Sends events to their subscribers by POST: only to addresses that were checked, without redirects or proxies. */
import { lookup as resolve } from "node:dns";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";

import type { Delivery, Destination } from "../../../protocol/redfish/events/deliveryQueue.js";

/** From connecting to the response, ms. */
const timeoutMs = 30_000;

/** `isAllowed`: whether a BMC's user may have the daemon connect to an IP address. */
export function createDelivery(isAllowed: (address: string) => boolean): Delivery {
  return {
    refusal: (text) => {
      if (!URL.canParse(text)) {
        return `${text} is not a valid URL: use one such as https://events.example.com/redfish`;
      }
      const host = hostOf(new URL(text));
      return isIP(host) !== 0 && !isAllowed(host) ? refusedAddress(host) : undefined;
    },
    post: (destination, body) => post(new URL(destination.url), destination, body, isAllowed),
  };
}

function post(
  url: URL,
  { headers, verifyCertificate }: Destination,
  body: string,
  isAllowed: (address: string) => boolean,
): Promise<void> {
  const host = hostOf(url);
  return new Promise((resolved, reject) => {
    if (isIP(host) !== 0 && !isAllowed(host)) {
      throw new Error(refusedAddress(host));
    }
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      method: "POST",
      agent: false,
      lookup: checkedLookup(isAllowed),
      rejectUnauthorized: verifyCertificate,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...Object.fromEntries(headers.map(({ name, value }) => [name, value])),
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(body),
        "OData-Version": "4.0",
        "User-Agent": "vbmc4vsphere",
      },
    });
    request.once("error", (error) => reject(new Error(`${url.host}: ${error.message}`)));
    request.once("response", (response) => {
      const { statusCode = 0 } = response;
      response.destroy();
      if (statusCode >= 200 && statusCode < 300) {
        resolved();
      } else {
        reject(new Error(`${url.host} returned HTTP ${statusCode}`));
      }
    });
    request.end(body);
  });
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** Check the addresses at the time of use: a second look-up could return others. */
function checkedLookup(isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { all: true, verbatim: true }, (error, addresses) => {
      const allowed = (error ? [] : addresses).filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (error || !first) {
        callback(error ?? new Error(refusedAddress(hostname)), "", 0);
      } else if (options.all === true) {
        callback(null, allowed);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

function refusedAddress(host: string): string {
  return `${host} is an address of this host or a special address: events are not sent there`;
}
