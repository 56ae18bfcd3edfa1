/** GET of an image over HTTP: only to addresses that were checked, with few redirects, and without any proxy. */
import { lookup as resolve, type LookupAddress } from "node:dns";
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";

import { defined } from "../../base/defined.js";
import { errorCode } from "../../base/errors.js";
import { MachineError } from "../../model/machine/errors.js";
import { calledOff } from "./calledOff.js";
import { type ImagePolicy, requireAllowedUrl } from "./imagePolicy.js";
import type { Credentials } from "./imageReference.js";
import { tlsOptions } from "./imageServerTrust.js";
import { type ImageSourceOptions, type OpenImage, tooLarge, toValidator } from "./imageSource.js";

const maxRedirects = 5;
const answerTimeoutMs = 30_000;
/** Without a byte. */
const silenceTimeoutMs = 30_000;
const connectTimeoutMs = 10_000;

export async function openUrl(
  first: URL,
  credentials: Credentials | undefined,
  options: ImageSourceOptions,
): Promise<OpenImage> {
  let url = first;
  for (let left = maxRedirects; ; left--) {
    requireAllowedUrl(url, options.policy);
    // The target of a redirect must not get the credentials of the first server.
    const response = await get(url, url.origin === first.origin ? credentials : undefined, options);
    const target = redirectOf(response, url);
    if (!target) {
      return opened(response, url, options.policy);
    }
    response.destroy();
    if (left === 0) {
      throw new MachineError("badImage", `${first.host} redirects more than ${maxRedirects} times`);
    }
    url = target;
  }
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) {
    return undefined;
  }
  if (!URL.canParse(location, from.href)) {
    throw new MachineError("badImage", `${from.host} redirects to an invalid URL`);
  }
  return new URL(location, from);
}

function opened(response: IncomingMessage, { host }: URL, { maxBytes }: ImagePolicy): OpenImage {
  const { headers } = response;
  const problem = problemOf(response, host, maxBytes);
  if (problem) {
    response.destroy();
    throw problem;
  }
  const length = headers["content-length"];
  const mark = headers.etag ?? headers["last-modified"];
  return {
    body: response,
    totalBytes: length === undefined ? undefined : Number(length),
    validator: mark === undefined || length === undefined ? undefined : toValidator([mark, length]),
  };
}

/** What an image server's answer says against it; never anything out of its body. */
function problemOf(
  { statusCode = 0, headers }: IncomingMessage,
  host: string,
  maxBytes: number,
): MachineError | undefined {
  const status = `${host} answers HTTP ${statusCode}`;
  if (statusCode === 401 || statusCode === 403 || statusCode === 407) {
    return new MachineError("badImage", `${status} for the image: check user name, password and path`);
  }
  if (statusCode === 404 || statusCode === 410) {
    return new MachineError("badImage", `${status}: there is no such image`);
  }
  if (statusCode !== 200) {
    return new MachineError("badImage", `${status} for the image`);
  }
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    return new MachineError("badImage", `${host} sends the image compressed (${encoding}), which was not asked for`);
  }
  return Number(headers["content-length"] ?? 0) > maxBytes
    ? new MachineError("badImage", tooLarge(maxBytes))
    : undefined;
}

function get(
  url: URL,
  credentials: Credentials | undefined,
  { policy, verifiesCertificate, trustedCertificates, signal }: ImageSourceOptions,
): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !policy.isAllowedAddress(host)) {
    throw refusedAddress(url.host);
  }
  return new Promise((resolved, reject) => {
    const request: ClientRequest = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      agent: false,
      signal,
      lookup: checkedLookup(url.host, policy),
      ...tlsOptions(verifiesCertificate, trustedCertificates),
      headers: defined({
        Accept: "*/*",
        "Accept-Encoding": "identity",
        "User-Agent": "vbmc4vsphere",
        Authorization: credentials && basic(credentials),
      }),
    });
    const connecting = setTimeout(() => request.destroy(slow(url.host, "accepts no connection")), connectTimeoutMs);
    const answering = setTimeout(() => request.destroy(slow(url.host, "does not answer")), answerTimeoutMs);
    const settle = (): void => {
      clearTimeout(connecting);
      clearTimeout(answering);
    };
    request.once("socket", (socket) => {
      socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => clearTimeout(connecting));
    });
    request.once("error", (error) => {
      settle();
      reject(downloadError(error, url.host));
    });
    request.once("response", (response) => {
      settle();
      response.setTimeout(silenceTimeoutMs, () => response.destroy(slow(url.host, "has stopped sending the image")));
      resolved(response);
    });
    request.end();
  });
}

/** Addresses are checked when they are used: a second look-up could give others. */
function checkedLookup(host: string, policy: ImagePolicy): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { all: true, verbatim: true }, (error, addresses) => {
      const allowed: readonly LookupAddress[] = (error ? [] : addresses).filter(({ address }) =>
        policy.isAllowedAddress(address),
      );
      const [first] = allowed;
      if (error || !first) {
        callback(error ?? refusedAddress(host), "", 0);
      } else if (options.all === true) {
        (callback as unknown as (error: null, all: readonly LookupAddress[]) => void)(null, allowed);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

function refusedAddress(host: string): MachineError {
  return new MachineError(
    "denied",
    `${host} is an address of this host, or one of no server: images are not fetched from there (see [media] image_loopback in virtualbmc.conf)`,
  );
}

function slow(host: string, what: string): MachineError {
  return new MachineError("badImage", `${host} ${what}`);
}

/** Errors of the connection to an image server, before or in the middle of the image. */
export function downloadError(error: Error, host: string): MachineError {
  if (error instanceof MachineError) {
    return error;
  }
  const code = errorCode(error) ?? error.message;
  if (code === "ABORT_ERR") {
    return calledOff();
  }
  const isDistrusted = /CERT|SIGNATURE|ISSUER|ALTNAME/.test(code);
  return new MachineError(
    "badImage",
    isDistrusted
      ? `the certificate of ${host} is not trusted (${code}): have it signed by a known authority, or set VerifyCertificate to false`
      : `the image server ${host} cannot be reached, or has broken off: ${code}`,
  );
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
