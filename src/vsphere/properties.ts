/** Reads properties through the PropertyCollector. */
import { readLocalizedFault } from "./faultReading.js";
import type { CallOptions } from "./httpClient.js";
import { fromSoap, type MoRef, toSoap } from "./moRef.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";
import { VimFault } from "./vimErrors.js";

/**
 * Property path to the value as `soap` parsed it, or to a VimFault if the server cannot or may not report it; an unset
 * property is absent.
 */
export type Properties = ReadonlyMap<string, unknown>;

/** The value, undefined if it is unset; throws VimFault if the server does not report it. */
export function reported(properties: Properties, path: string): unknown {
  const value = properties.get(path);
  if (value instanceof VimFault) {
    throw value;
  }
  return value;
}

/** Reads the properties of one object; throws ManagedObjectNotFound if it is gone, or the fault if none can be read. */
export async function readProperties(
  session: VimSession,
  object: MoRef,
  paths: readonly string[],
  options?: Partial<CallOptions>,
): Promise<Properties> {
  const specSet = [{ propSet: [propertySpec(object.type, paths)], objectSet: [{ obj: toSoap(object) }] }];
  const result = await session.call(
    "RetrievePropertiesEx",
    session.content.propertyCollector,
    { specSet, options: {} },
    // All calls share the collector, so queue by the object.
    { owner: object.value, ...options },
  );
  const [content] = listOf(fieldOf(result, "objects"));
  if (content === undefined) {
    throw new VimFault("ManagedObjectNotFound", `${object.type} ${object.value} is gone`);
  }
  return requireAny(propertiesOf(content));
}

/** Extracts the properties; throws the fault if none of them can be read. */
export function requireAny(properties: Properties): Properties {
  const [first, ...others] = properties.values();
  if (first instanceof VimFault && others.every((value) => value instanceof VimFault)) {
    throw first;
  }
  return properties;
}

/** The properties of objects of one type, by the value of the reference; throws ManagedObjectNotFound when one is gone. */
export function readPropertiesOfMany(
  session: VimSession,
  objects: readonly MoRef[],
  paths: readonly string[],
  options?: Partial<CallOptions>,
): Promise<ReadonlyMap<string, Properties>> {
  return retrieve(session, objects, paths, {}, options);
}

/** Most objects in one call: parsing an answer blocks the process. */
const maxObjects = 100;

/** Like readPropertiesOfMany, for any number of objects; missing objects are absent. */
export async function readEach(
  session: VimSession,
  objects: readonly MoRef[],
  paths: readonly string[],
  options?: Partial<CallOptions>,
): Promise<ReadonlyMap<string, Properties>> {
  const found = new Map<string, Properties>();
  for (let at = 0; at < objects.length; at += maxObjects) {
    const some = objects.slice(at, at + maxObjects);
    const part = await retrieve(session, some, paths, { reportMissingObjectsInResults: true }, options);
    part.forEach((properties, value) => found.set(value, properties));
  }
  return found;
}

async function retrieve(
  session: VimSession,
  objects: readonly MoRef[],
  paths: readonly string[],
  more: { readonly reportMissingObjectsInResults?: boolean },
  options: Partial<CallOptions> | undefined,
): Promise<ReadonlyMap<string, Properties>> {
  const { propertyCollector } = session.content;
  const objectSet = objects.map((object) => ({ obj: toSoap(object) }));
  const specSet = [{ propSet: [propertySpec(objects[0]?.type ?? "", paths)], objectSet, ...more }];
  const callOptions = { owner: objects[0]?.value ?? "", ...options };
  const found = new Map<string, Properties>();
  let page = await session.call("RetrievePropertiesEx", propertyCollector, { specSet, options: {} }, callOptions);
  for (;;) {
    for (const content of listOf(fieldOf(page, "objects"))) {
      found.set(fromSoap(fieldOf(content, "obj"))?.value ?? "", propertiesOf(content));
    }
    const token = textOf(fieldOf(page, "token"));
    if (token === undefined || token === "") {
      return found;
    }
    page = await session.call("ContinueRetrievePropertiesEx", propertyCollector, { token }, callOptions);
  }
}

export function propertySpec(type: string, paths: readonly string[]): Record<string, unknown> {
  return { type, all: false, pathSet: [...paths] };
}

/** Of an ObjectContent. */
export function propertiesOf(objectContent: unknown): Properties {
  const values = listOf(fieldOf(objectContent, "propSet")).flatMap((property) => {
    const name = textOf(fieldOf(property, "name"));
    return name === undefined ? [] : [[name, fieldOf(property, "val")] as const];
  });
  return new Map<string, unknown>([...values, ...refusalsOf(objectContent)]);
}

/** The missingSet of an ObjectContent or ObjectUpdate: unreadable paths, and why. */
export function refusalsOf(object: unknown): readonly (readonly [string, VimFault])[] {
  return listOf(fieldOf(object, "missingSet")).map((missing) => [
    textOf(fieldOf(missing, "path")) ?? "",
    readLocalizedFault(fieldOf(missing, "fault")),
  ]);
}

export interface ObjectProperties {
  readonly object: MoRef;
  readonly properties: Properties;
}

/** Objects per page: parsing a page blocks the process for about 0.15 ms per object. */
const pageSize = 100;

/** Every VM that the account can see, page by page. */
export function allMachines(session: VimSession, paths: readonly string[]): AsyncGenerator<ObjectProperties[]> {
  return allObjects(session, "VirtualMachine", paths);
}

/** Every object of a type that the account can see under the container, at any depth, page by page. */
export async function* allObjects(
  session: VimSession,
  type: "VirtualMachine" | "Folder",
  paths: readonly string[],
  container: MoRef = session.content.rootFolder,
): AsyncGenerator<ObjectProperties[]> {
  const { viewManager, propertyCollector } = session.content;
  const view = fromSoap(
    await session.call("CreateContainerView", viewManager, {
      container: toSoap(container),
      type: [type],
      recursive: true,
    }),
  );
  if (!view) {
    throw new VimFault("InvalidState", "the server made no container view");
  }
  try {
    const traversal = {
      attributes: { "xsi:type": "vim25:TraversalSpec" },
      name: "view",
      type: "ContainerView",
      path: "view",
      skip: false,
    };
    const objectSet = [{ obj: toSoap(view), skip: true, selectSet: [traversal] }];
    const specSet = [{ propSet: [propertySpec(type, paths)], objectSet }];
    let page = await session.call("RetrievePropertiesEx", propertyCollector, {
      specSet,
      options: { maxObjects: pageSize },
    });
    for (;;) {
      yield listOf(fieldOf(page, "objects")).flatMap((content) => {
        const object = fromSoap(fieldOf(content, "obj"));
        return object ? [{ object, properties: propertiesOf(content) }] : [];
      });
      const token = textOf(fieldOf(page, "token"));
      if (token === undefined || token === "") {
        return;
      }
      page = await session.call("ContinueRetrievePropertiesEx", propertyCollector, { token });
    }
  } finally {
    await session.call("DestroyView", view).catch(() => undefined);
  }
}
