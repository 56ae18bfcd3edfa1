/** Finds the definition for a path. */
import type { Document, Resource, ServiceParts } from "./resource.js";

export type Route<P extends object = ServiceParts> = { readonly params: Readonly<Record<string, string>> } & (
  | { readonly kind: "resource"; readonly resource: Resource<P>; readonly uri: string }
  | { readonly kind: "action"; readonly resource: Resource<P>; readonly uri: string; readonly action: string }
  | { readonly kind: "document"; readonly document: Document<P>; readonly uri: string }
);

export type Router<P extends object = ServiceParts> = (path: string) => Route<P> | undefined;

interface Node<P extends object> {
  readonly literals: Map<string, Node<P>>;
  variable: { readonly name: string; readonly node: Node<P> } | undefined;
  resource: Resource<P> | undefined;
  document: Document<P> | undefined;
}

/** Ids that are the same in each service: there is one System, one Chassis and one Manager. */
const fixedIds: ReadonlyMap<string, string> = new Map([
  ["systemId", "1"],
  ["chassisId", "1"],
  ["managerId", "1"],
]);

/** Longer paths are unknown. */
const maxPathLength = 512;

/** Throws for two definitions of the same URI. */
export function createRouter<P extends object>(
  resources: readonly Resource<P>[],
  documents: readonly Document<P>[],
): Router<P> {
  const root = newNode<P>();
  for (const resource of resources) {
    const node = nodeFor(root, resource.uri);
    if (node.resource) {
      throw new Error(`${resource.uri} is defined twice`);
    }
    node.resource = resource;
  }
  for (const document of documents) {
    nodeFor(root, document.uri).document = document;
  }
  const ready = new Map(
    resources.map((resource) => toFixed(resource)).flatMap((uri) => (uri === undefined ? [] : [[uri, search(uri)]])),
  );

  function search(path: string): Route<P> | undefined {
    return path.length > maxPathLength ? undefined : find(root, segmentsOf(path));
  }
  return (path) => ready.get(path) ?? search(path);
}

/** The one URI of a resource whose ids never differ; undefined for others. */
function toFixed<P extends object>({ uri }: Resource<P>): string | undefined {
  const fixed = uri.replaceAll(/\{(\w+)\}/g, (variable, name: string) => fixedIds.get(name) ?? variable);
  return fixed.includes("{") ? undefined : fixed;
}

function newNode<P extends object>(): Node<P> {
  return { literals: new Map(), variable: undefined, resource: undefined, document: undefined };
}

/** A trailing slash is ignored (DSP0266 "Resource URIs"). */
function segmentsOf(path: string): string[] {
  return path.replace(/^\//, "").replace(/\/$/, "").split("/");
}

function nodeFor<P extends object>(root: Node<P>, uri: string): Node<P> {
  let node = root;
  for (const segment of segmentsOf(uri)) {
    const [, name] = /^\{(\w+)\}$/.exec(segment) ?? [];
    if (name === undefined) {
      const next = node.literals.get(segment) ?? newNode<P>();
      node.literals.set(segment, next);
      node = next;
    } else {
      node.variable ??= { name, node: newNode<P>() };
      node = node.variable.node;
    }
  }
  return node;
}

function find<P extends object>(root: Node<P>, segments: readonly string[]): Route<P> | undefined {
  const params: [string, string][] = [];
  let node = root;
  for (const [index, segment] of segments.entries()) {
    const next = step(node, segment, params);
    if (!next) {
      return below(node, segments.slice(index), `/${segments.slice(0, index).join("/")}`, Object.fromEntries(params));
    }
    node = next;
  }
  return reached(node, `/${segments.join("/")}`, Object.fromEntries(params));
}

function step<P extends object>(node: Node<P>, segment: string, params: [string, string][]): Node<P> | undefined {
  const literal = node.literals.get(segment);
  if (literal || !node.variable || (segment === "Members" && node.resource?.members)) {
    return literal;
  }
  const { name, node: next } = node.variable;
  if (segment !== (fixedIds.get(name) ?? segment) || segment === "") {
    return undefined;
  }
  params.push([name, segment]);
  return next;
}

function reached<P extends object>(
  { resource, document }: Node<P>,
  uri: string,
  params: Route["params"],
): Route<P> | undefined {
  if (resource) {
    return { kind: "resource", resource, uri, params };
  }
  return document && { kind: "document", document, uri, params };
}

/** `…/Actions/NAME`, and `…/Members`, an alternative URI for adding to a collection (DSP0266 "POST (create)"). */
function below<P extends object>(
  { resource }: Node<P>,
  [first, second, ...rest]: readonly string[],
  uri: string,
  params: Route["params"],
): Route<P> | undefined {
  if (!resource || rest.length > 0) {
    return undefined;
  }
  if (first === "Actions" && second !== undefined && Object.hasOwn(resource.actions ?? {}, second)) {
    return { kind: "action", resource, uri, params, action: second };
  }
  return first === "Members" && second === undefined && resource.members
    ? { kind: "resource", resource, uri, params }
    : undefined;
}
