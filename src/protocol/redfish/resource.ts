/** The definition of a resource: one for each URI, from which the whole service is built. */
import type { Log } from "../../base/log.js";
import type { Bmc } from "../../model/bmc/bmc.js";
import type { Timers } from "../../model/bmc/timers.js";
import type { Machine } from "../../model/machine/machine.js";
import type { Authentication } from "./authentication.js";
import type { Check } from "./checks.js";
import type { Eventing } from "./events/eventing.js";
import type { RedfishResponse } from "./exchange.js";
import type { JsonObject } from "./json.js";
import type { MediaTrust } from "./mediaTrust.js";
import type { Entity, Principal, Privilege } from "./privileges.js";
import type { Sessions } from "./sessions.js";
import type { Tasks } from "./tasks.js";
import type { Writable } from "./writable.js";

/** What every Redfish service needs, for one BMC or for a fleet. */
export interface CommonParts {
  readonly tasks: Tasks;
  readonly timers: Timers;
  readonly log: Log;
  /** Reads a resource that is not in the table but served by another service, for `$expand` and `only`. */
  readonly elsewhere?: (uri: string, request: VisitedRequest) => Promise<JsonObject | undefined>;
}

/** What the service of one BMC needs. */
export interface ServiceParts extends CommonParts {
  readonly bmc: Bmc;
  readonly machine: Machine;
  readonly sessions: Sessions;
  readonly eventing: Eventing;
  readonly mediaTrust: MediaTrust;
  readonly facts: ServiceFacts;
  /** When the BMC was last started or reset, ms since the epoch. */
  readonly startedAt: () => number;
  readonly logIn: Authentication["logIn"];
}

/** Facts about the listener. */
export interface ServiceFacts {
  /** TCP port of the HTTPS service. */
  readonly httpsPort: number;
  /** The text of a message registry's file, e.g. `Base.1.22.1`; undefined if it is not available. */
  readonly registryFile: (id: string) => Promise<string | undefined>;
}

/** A request for a resource, as passed to its definition. */
export type Visit<P extends object = ServiceParts> = P & VisitedRequest;

export interface VisitedRequest {
  /** Values of the URI's variables. */
  readonly params: Readonly<Record<string, string>>;
  /** undefined for a request without login. */
  readonly principal: Principal | undefined;
  /** IP address of the client. */
  readonly remote: string;
  /** The concrete URI of the resource. */
  readonly uri: string;
}

export interface Action<P extends object = ServiceParts> {
  readonly parameters: Readonly<Record<string, ActionParameter>>;
  /** Resolves with the body of the response, undefined: none. Rejects with RedfishError or the errors of the model. */
  readonly run: (parameters: JsonObject, visit: Visit<P>) => Promise<JsonObject | undefined>;
  /** Whatever takes longer is answered with a task, ms; absent: as usual. */
  readonly taskAfterMs?: number;
  /** Of the task: 0 to 100, undefined while that is not known. */
  readonly percentComplete?: (visit: Visit<P>) => number | undefined;
}

export interface ActionParameter {
  readonly isRequired?: true;
  readonly check: Check;
}

/** The new resource, and additional headers for its client. */
export interface Created {
  readonly uri: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly principal?: Principal;
}

export interface Create<P extends object = ServiceParts> {
  /** Without login: creating a session is how to log in. */
  readonly isPublic?: true;
  /** Names and values of the body; `required` ones are present when `run` is called, and all are validated. */
  readonly properties: Readonly<Record<string, { readonly isRequired?: true; readonly check: Check }>>;
  readonly run: (properties: JsonObject, visit: Visit<P>) => Promise<Created>;
}

/** Members of a resource collection. */
export interface Members<P extends object = ServiceParts> {
  /** In order. */
  readonly ids: (visit: Visit<P>) => readonly string[] | Promise<readonly string[]>;
  /** If given, the collection contains its members completely, represented by this function; else links. */
  readonly inline?: (id: string, visit: Visit<P>) => JsonObject;
  readonly create?: Create<P>;
}

export interface Resource<P extends object = ServiceParts> {
  /** Such as `/redfish/v1/Systems/{systemId}`. */
  readonly uri: string;
  /** `Namespace.vX_Y_Z.Type`; collections have no version. */
  readonly type: string;
  /** Of the privilege registry. */
  readonly entity: Entity;
  /** Can be read without login. */
  readonly isPublic?: true;
  /** Whether it exists; absent: whenever its parent does. */
  readonly has?: (visit: Visit<P>) => boolean;
  /** Its own properties; the service adds `@odata.*`, Actions and Members. Rejects like actions. */
  readonly read: (visit: Visit<P>, facts?: Facts) => JsonObject | Promise<JsonObject>;
  /** Everything that `read` depends on, see `fromFacts`. */
  readonly facts?: (visit: Visit<P>) => Facts;
  /** Top-level properties that change constantly, and are therefore not part of the ETag. */
  readonly volatile?: readonly string[];
  readonly writable?: Writable;
  /** Applies what `writable` accepts. Rejects like actions. */
  readonly write?: (changes: JsonObject, visit: Visit<P>) => Promise<void>;
  /** A PATCH may take long, as an action may. */
  readonly longWrite?: Pick<Action<P>, "percentComplete" | "taskAfterMs">;
  /** Whether it belongs to the principal, so that ConfigureSelf applies. */
  readonly isOwn?: (visit: Visit<P>) => boolean;
  /** Properties that its owner may write without further privileges. */
  readonly selfWritable?: readonly string[];
  /** By name, e.g. `ComputerSystem.Reset`. */
  readonly actions?: Readonly<Record<string, Action<P>>>;
  readonly members?: Members<P>;
  readonly remove?: (visit: Visit<P>) => Promise<void>;
}

/** Values, and promises that are the same object as long as they would resolve with the same value. */
export type Facts = Readonly<Record<string, unknown>>;

/**
 * For a resource that depends only on `facts`: its response is kept and sent again as long as all facts are the same, so that
 * polling it costs little.
 */
export function fromFacts<Known extends Facts, P extends object = ServiceParts>(
  facts: (visit: Visit<P>) => Known,
  render: (facts: Known) => JsonObject | Promise<JsonObject>,
): Required<Pick<Resource<P>, "facts" | "read">> {
  return { facts, read: (visit, known) => render((known as Known | undefined) ?? facts(visit)) };
}

/** Not a Redfish resource: metadata, registry files, task monitors, event streams. */
export interface Document<P extends object = ServiceParts> {
  readonly uri: string;
  /** Who may read it; absent: everyone, without login. */
  readonly privilege?: Privilege;
  /** undefined: it does not exist. Rejects like actions. */
  readonly respond: (visit: Visit<P>) => Promise<RedfishResponse | undefined>;
}

/** Checks what the types cannot express. Throws for a mistake in the definition. */
export function defineResource<P extends object = ServiceParts>(resource: Resource<P>): Resource<P> {
  if ((resource.writable === undefined) !== (resource.write === undefined)) {
    throw new Error(`${resource.uri}: a resource with writable properties needs a write function`);
  }
  return resource;
}

/** The type of a collection: `FooCollection.FooCollection` for `/redfish/v1/Foos`. */
export function defineCollection<P extends object = ServiceParts>({
  uri,
  of,
  name,
  entity,
  ...members
}: Members<P> & {
  readonly uri: string;
  readonly of: string;
  readonly name: string;
  readonly entity: Entity;
}): Resource<P> {
  return defineResource<P>({
    uri,
    type: `${of}Collection.${of}Collection`,
    entity,
    read: () => ({ Name: name }),
    members,
  });
}
