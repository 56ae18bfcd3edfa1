/** The property collectors of all sessions, and their methods. */
import { randomUUID } from "node:crypto";

import { argument, type Call, type Method, type Returned, type Service } from "./call.js";
import { Fault } from "./fault.js";
import type { ManagedObject, ObjectTable } from "./managedObject.js";
import { objectsSeenBy } from "./ownSession.js";
import { createPropertyCollector, type PropertyCollector } from "./propertyCollector.js";
import { encodeRefusals } from "./refusals.js";
import { decodeFilterSpec, type FilterSpec, pathsFor, selectObjects } from "./selection.js";
import { type Reference, reference, valueAt } from "./value.js";
import { child, childrenOf, type Element, encodeReference, encodeValue, escapeXml } from "./xml.js";

interface Page {
  readonly spec: FilterSpec;
  readonly objects: readonly ManagedObject[];
  /** Objects a page, as the client asked at first. */
  readonly limit: number;
}

export interface Collectors {
  /** By session and reference: every session has a default one of its own. */
  readonly of: (call: Call) => PropertyCollector;
  readonly create: (call: Call) => Reference;
  readonly destroy: (call: Call) => void;
  readonly filterOwners: Map<string, PropertyCollector>;
  /** What is left of a paged answer, by token. */
  readonly pages: Map<string, Page>;
  /** Maximum objects per page, whatever the client requests. */
  readonly pageLimit: () => number;
}

/** `mayRead` returns whether the account may read the properties of an object. */
export function createCollectors(
  objects: ObjectTable,
  xsi: () => string,
  pageLimit: () => number,
  mayRead: (object: Reference) => boolean,
): Collectors {
  const collectors = new Map<string, PropertyCollector>();

  function make(key: string, call: Call): PropertyCollector {
    const collector = createPropertyCollector(objects, xsi, mayRead);
    collectors.set(key, collector);
    call.session.onEnd.add(() => {
      collector.close();
      collectors.delete(key);
    });
    return collector;
  }

  const keyOf = ({ session, target }: Call): string => `${session.key} ${target.id}`;
  return {
    filterOwners: new Map(),
    pages: new Map(),
    pageLimit,
    of: (call) => {
      const existing = collectors.get(keyOf(call));
      if (!existing && call.target.id.startsWith("session[")) {
        objects.get(call.target);
      }
      return existing ?? make(keyOf(call), call);
    },
    create: (call) => {
      const id = `session[${call.session.key}]${randomUUID()}`;
      make(`${call.session.key} ${id}`, call);
      return { type: "PropertyCollector", id };
    },
    destroy: (call) => {
      collectors.get(keyOf(call))?.close();
      collectors.delete(keyOf(call));
    },
  };
}

function answerPage({ service }: Call, { spec, objects, limit: asked }: Page): Returned {
  const { collectors } = service;
  const limit = Math.min(asked, collectors.pageLimit());
  const page = objects.slice(0, limit);
  const rest = objects.slice(limit);
  if (page.length === 0) {
    return undefined;
  }
  let token = "";
  if (rest.length > 0) {
    const id = randomUUID();
    collectors.pages.set(id, { spec, objects: rest, limit: asked });
    token = `<token>${id}</token>`;
  }
  return { kind: "xml", xml: token + page.map((object) => encodeContent(service, spec, object)).join("") };
}

function encodeContent({ isGranted, xsi }: Service, spec: FilterSpec, object: ManagedObject): string {
  if (!isGranted(object.reference, "System.Read")) {
    return `<objects>${encodeReference("obj", object.reference)}${encodeRefusals(spec, object, xsi())}</objects>`;
  }
  const properties = object.properties();
  const set = pathsFor(spec, object)
    .map((path) => {
      const value = valueAt(properties, path);
      return value ? `<propSet><name>${escapeXml(path)}</name>${encodeValue("val", value, xsi())}</propSet>` : "";
    })
    .join("");
  return `<objects>${encodeReference("obj", object.reference)}${set}</objects>`;
}

function selected(call: Call): Omit<Page, "limit"> {
  const specs = childrenOf(call.request, "specSet").map(decodeFilterSpec);
  const [spec] = specs;
  if (!spec) {
    throw new Fault("InvalidArgument", "A specified parameter was not correct: specSet");
  }
  return { spec, objects: specs.flatMap((each) => selectObjects(each, objectsSeenBy(call))) };
}

function wholeNumber(element: Element | undefined): number | undefined {
  return element === undefined ? undefined : Number(element.text);
}

export const collectorMethods: Readonly<Record<string, Method>> = {
  RetrievePropertiesEx: {
    parameters: ["specSet", "options"],
    types: { options: "RetrieveOptions" },
    run: (call) => {
      const asked = wholeNumber(child(argument(call, "options"), "maxObjects")) ?? Infinity;
      return answerPage(call, { ...selected(call), limit: asked });
    },
  },
  ContinueRetrievePropertiesEx: {
    parameters: ["token"],
    run: (call) => {
      const { pages } = call.service.collectors;
      const token = argument(call, "token").text;
      const page = pages.get(token);
      if (!page) {
        throw new Fault("InvalidArgument", "A specified parameter was not correct: token");
      }
      pages.delete(token);
      return answerPage(call, page);
    },
  },
  RetrieveProperties: {
    parameters: ["specSet"],
    run: (call) => {
      const { spec, objects } = selected(call);
      // Every object is a returnval of its own here.
      const each = objects.map((object) =>
        encodeContent(call.service, spec, object).replace(/^<objects>|<\/objects>$/g, ""),
      );
      return each.length === 0 ? undefined : { kind: "xml", xml: each.join("</returnval><returnval>") };
    },
  },
  CreatePropertyCollector: {
    parameters: [],
    run: (call) => {
      const { type, id } = call.service.collectors.create(call);
      return reference(type, id);
    },
  },
  DestroyPropertyCollector: {
    parameters: [],
    run: (call) => {
      call.service.collectors.destroy(call);
      return undefined;
    },
  },
  CreateFilter: {
    parameters: ["spec", "partialUpdates"],
    types: { spec: "PropertyFilterSpec" },
    run: (call) => {
      const { collectors } = call.service;
      const id = `session[${call.session.key}]${randomUUID()}`;
      const collector = collectors.of(call);
      collector.addFilter(id, decodeFilterSpec(argument(call, "spec")));
      collectors.filterOwners.set(id, collector);
      call.session.onEnd.add(() => collectors.filterOwners.delete(id));
      return reference("PropertyFilter", id);
    },
  },
  DestroyPropertyFilter: {
    parameters: [],
    run: ({ target, service }) => {
      const owner = service.collectors.filterOwners.get(target.id);
      if (!owner) {
        service.inventory.objects.get(target);
      }
      owner?.removeFilter(target.id);
      service.collectors.filterOwners.delete(target.id);
      return undefined;
    },
  },
  WaitForUpdatesEx: {
    parameters: ["version", "options"],
    types: { options: "WaitOptions" },
    run: async (call) => {
      const options = child(call.request, "options");
      const seconds = wholeNumber(child(options, "maxWaitSeconds"));
      const xml = await call.service.collectors.of(call).wait({
        version: child(call.request, "version")?.text ?? "",
        maxWaitMs: seconds === undefined ? undefined : seconds * 1_000,
        maxObjectUpdates: wholeNumber(child(options, "maxObjectUpdates")) ?? Infinity,
      });
      return xml === undefined ? undefined : { kind: "xml", xml };
    },
  },
  WaitForUpdates: {
    parameters: ["version"],
    run: async (call) => {
      const version = child(call.request, "version")?.text ?? "";
      const options = { version, maxWaitMs: undefined, maxObjectUpdates: Infinity };
      const xml = await call.service.collectors.of(call).wait(options);
      return xml === undefined ? undefined : { kind: "xml", xml };
    },
  },
  CancelWaitForUpdates: {
    parameters: [],
    run: (call) => {
      call.service.collectors.of(call).cancel();
      return undefined;
    },
  },
};
