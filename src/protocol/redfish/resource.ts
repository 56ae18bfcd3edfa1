/** What a resource is: one definition for each URI, from which the whole service is made. */
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

/** What every Redfish service is made of, be it of one BMC or of a fleet. */
export interface CommonParts {
  readonly tasks: Tasks;
  readonly timers: Timers;
  readonly log: Log;
  /** Reads a resource that the table does not have and another service answers, for `$expand` and `only`. */
  readonly elsewhere?: (uri: string, request: VisitedRequest) => Promise<JsonObject | undefined>;
}

/** What the service of one BMC is made of. */
export interface ServiceParts extends CommonParts {
  readonly bmc: Bmc;
  readonly machine: Machine;
  readonly sessions: Sessions;
  readonly eventing: Eventing;
  readonly mediaTrust: MediaTrust;
  readonly facts: ServiceFacts;
  /** When the BMC was started or reset last, ms since the epoch. */
  readonly startedAt: () => number;
  readonly logIn: Authentication["logIn"];
}

/** What the listener's side knows. */
export interface ServiceFacts {
  /** TCP port of the HTTPS service. */
  readonly httpsPort: number;
  /** The text of a message registry's file, e.g. `Base.1.22.1`; undefined when it is not at hand. */
  readonly registryFile: (id: string) => Promise<string | undefined>;
}

/** A request for a resource, as its definition sees it. */
export type Visit<P extends object = ServiceParts> = P & VisitedRequest;

export interface VisitedRequest {
  /** Values of the URI's variables. */
  readonly params: Readonly<Record<string, string>>;
  /** undefined for what can be read without login. */
  readonly principal: Principal | undefined;
  /** IP address of the client. */
  readonly remote: string;
  /** The concrete URI of the resource. */
  readonly uri: string;
}

export interface Action<P extends object = ServiceParts> {
  readonly parameters: Readonly<Record<string, ActionParameter>>;
  /** Resolves with the body of the answer, undefined: none. Rejects with RedfishError or what the rooms below throw. */
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

/** The new resource, and what its client gets beside it. */
export interface Created {
  readonly uri: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly principal?: Principal;
}

export interface Create<P extends object = ServiceParts> {
  /** Without login: a session is how to log in. */
  readonly isPublic?: true;
  /** Names and values of the body; `required` ones are there when `run` is called, and all are checked. */
  readonly properties: Readonly<Record<string, { readonly isRequired?: true; readonly check: Check }>>;
  readonly run: (properties: JsonObject, visit: Visit<P>) => Promise<Created>;
}

/** Members of a resource collection. */
export interface Members<P extends object = ServiceParts> {
  /** In their order. */
  readonly ids: (visit: Visit<P>) => readonly string[] | Promise<readonly string[]>;
  /** Given: members are in the collection whole, and this is how they read; else they are links. */
  readonly inline?: (id: string, visit: Visit<P>) => JsonObject;
  readonly create?: Create<P>;
}

export interface Resource<P extends object = ServiceParts> {
  /** Such as `/redfish/v1/Systems/{systemId}`. */
  readonly uri: string;
  /** `Namespace.vX_Y_Z.Type`; a collection's has no version. */
  readonly type: string;
  /** Of the privilege registry. */
  readonly entity: Entity;
  /** Can be read without login. */
  readonly isPublic?: true;
  /** Whether it is there; absent: whenever the resource above it is. */
  readonly has?: (visit: Visit<P>) => boolean;
  /** The properties of its own; the service adds `@odata.*`, Actions and Members. Rejects as actions do. */
  readonly read: (visit: Visit<P>) => JsonObject | Promise<JsonObject>;
  /** Top-level properties that change all the time: no part of the ETag. */
  readonly volatile?: readonly string[];
  readonly writable?: Writable;
  /** Takes what `writable` lets through. Rejects as actions do. */
  readonly write?: (changes: JsonObject, visit: Visit<P>) => Promise<void>;
  /** A PATCH may take long, as an action may. */
  readonly longWrite?: Pick<Action<P>, "percentComplete" | "taskAfterMs">;
  /** It is the principal's own: ConfigureSelf counts. */
  readonly isOwn?: (visit: Visit<P>) => boolean;
  /** Properties that whoever it is the own of may write without more privileges. */
  readonly selfWritable?: readonly string[];
  /** By name, e.g. `ComputerSystem.Reset`. */
  readonly actions?: Readonly<Record<string, Action<P>>>;
  readonly members?: Members<P>;
  readonly remove?: (visit: Visit<P>) => Promise<void>;
}

/** What is no Redfish resource: metadata, registry files, task monitors, event streams. */
export interface Document<P extends object = ServiceParts> {
  readonly uri: string;
  /** Who may read it; absent: everybody, without login. */
  readonly privilege?: Privilege;
  /** undefined: it is not there. Rejects as actions do. */
  readonly respond: (visit: Visit<P>) => Promise<RedfishResponse | undefined>;
}

/** Checks what the types cannot. Throws for a mistake in the definition. */
export function defineResource<P extends object = ServiceParts>(resource: Resource<P>): Resource<P> {
  if ((resource.writable === undefined) !== (resource.write === undefined)) {
    throw new Error(`${resource.uri}: what is writable must be written`);
  }
  return resource;
}

/** A collection as the table has it: `Foo` of `/redfish/v1/Foos` is `FooCollection.FooCollection`. */
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
