/**
 * URIs of a BMC as the fleet shows them: the BMC's only System, Chassis and Manager have its name in place of `1`, its
 * accounts are the Manager's RemoteAccountService, and its tasks have its name in front.
 */
import { defined } from "../../../base/defined.js";
import { isJsonArray, isJsonObject, type Json, type JsonObject, link } from "../json.js";
import { rootUri } from "../representation.js";

/** A resource of a BMC. */
export interface Place {
  /** Name of the BMC. */
  readonly name: string;
  /** Path at the BMC's own service. */
  readonly path: string;
}

const kinds = "Systems|Chassis|Managers";
const tasks = "Tasks|TaskMonitors";

const named = new RegExp(`^${rootUri}/(${kinds})/([^/]+)(/.*)?$`);
const namedTask = new RegExp(`^${rootUri}/TaskService/(${tasks})/([^/]+)~(\\d+)$`);
const remoteAccounts = /^\/RemoteAccountService(?=\/|$)/;

/** undefined for what belongs to no BMC. */
export function placeOf(path: string): Place | undefined {
  const [, kind = "", id, rest = ""] = named.exec(path) ?? [];
  if (id !== undefined) {
    const name = decoded(id);
    return name === undefined ? undefined : { name, path: localPath(kind, rest) };
  }
  const [, monitor = "", owner, number = ""] = namedTask.exec(path) ?? [];
  const name = owner === undefined ? undefined : decoded(owner);
  return name === undefined ? undefined : { name, path: `${rootUri}/TaskService/${monitor}/${number}` };
}

function localPath(kind: string, rest: string): string {
  return kind === "Managers" && remoteAccounts.test(rest)
    ? `${rootUri}/AccountService${rest.replace(remoteAccounts, "")}`
    : `${rootUri}/${kind}/1${rest}`;
}

function decoded(id: string): string | undefined {
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

export function uriOf(kind: "Systems" | "Chassis" | "Managers", name: string): string {
  return `${rootUri}/${kind}/${encodeURIComponent(name)}`;
}

// Also within a text, such as the message of an error.
const localUris = new RegExp(
  `${rootUri}/(?:(${kinds})/1(?![\\w~-])|(AccountService)(?![\\w~-])|TaskService/(${tasks})/(\\d+))`,
  "g",
);

/** A text of the BMC's with the URIs of the fleet. */
export function toFleetUris(text: string, name: string): string {
  const id = encodeURIComponent(name);
  return text.replaceAll(localUris, (_, kind?: string, accounts?: string, monitor?: string, number?: string) => {
    if (accounts !== undefined) {
      return `${rootUri}/Managers/${id}/RemoteAccountService`;
    }
    return kind === undefined
      ? `${rootUri}/TaskService/${monitor ?? ""}/${id}~${number ?? ""}`
      : `${rootUri}/${kind}/${id}`;
  });
}

/** The reverse, for URIs in the body of a request. */
export function toLocalUri(uri: string, name: string): string {
  const place = placeOf(uri);
  return place?.name === name ? place.path : uri;
}

const soleId = new RegExp(`^${rootUri}/(${kinds})/1$`);

/** A body of the BMC's as the fleet shows it. */
export function toFleetBody(body: JsonObject, name: string): JsonObject {
  const uri = body["@odata.id"];
  const isLink = body["Id"] === undefined;
  const [, kind] = typeof uri === "string" && !isLink ? (soleId.exec(uri) ?? []) : [];
  return {
    ...objectToFleet(body, name),
    ...defined({ Id: kind && name }),
    ...(kind === "Managers" && { RemoteAccountService: link(`${uriOf("Managers", name)}/RemoteAccountService`) }),
  };
}

function objectToFleet(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]): [string, Json | undefined] => [
      key,
      value === undefined ? undefined : valueToFleet(key, value, name),
    ]),
  );
}

function valueToFleet(key: string, value: Json, name: string): Json {
  if (typeof value === "string") {
    return isUriOrMessage(key, value) ? toFleetUris(value, name) : value;
  }
  if (isJsonArray(value)) {
    return value.map((item) => valueToFleet(key, item, name));
  }
  return isJsonObject(value) ? toFleetBody(value, name) : value;
}

/** What people write, such as an asset tag, stays as it is. */
function isUriOrMessage(key: string, value: string): boolean {
  return key === "Message" || key === "message" || key === "MessageArgs" || isUriKey(key, value);
}

const uriKeys = /^(@odata\.id|.*@odata\.nextLink|target|@Redfish\.ActionInfo|TaskMonitor|.*Uri|URI|.*URI)$/;

function isUriKey(key: string, value: string): boolean {
  return uriKeys.test(key) && value.startsWith(rootUri);
}
