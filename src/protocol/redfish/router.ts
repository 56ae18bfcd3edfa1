/** Which definition a path means. */
import type { Document, Resource } from "./resource.js";

export type Route = { readonly params: Readonly<Record<string, string>> } & (
  | { readonly kind: "resource"; readonly resource: Resource; readonly uri: string }
  | { readonly kind: "action"; readonly resource: Resource; readonly uri: string; readonly action: string }
  | { readonly kind: "document"; readonly document: Document; readonly uri: string }
);

export type Router = (path: string) => Route | undefined;

interface Node {
  readonly literals: Map<string, Node>;
  variable: { readonly name: string; readonly node: Node } | undefined;
  resource: Resource | undefined;
  document: Document | undefined;
}

/** Ids that never differ: each service has one System, one Chassis and one Manager. */
const fixedIds: ReadonlyMap<string, string> = new Map([
  ["systemId", "1"],
  ["chassisId", "1"],
  ["managerId", "1"],
]);

/** Longer paths are none of ours. */
const longestPath = 512;

/** Throws for two definitions of the same URI. */
export function createRouter(resources: readonly Resource[], documents: readonly Document[]): Router {
  const root = newNode();
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
  return (path) => (path.length > longestPath ? undefined : find(root, segmentsOf(path)));
}

function newNode(): Node {
  return { literals: new Map(), variable: undefined, resource: undefined, document: undefined };
}

/** A slash at the end means the same (DSP0266 "Resource URIs"). */
function segmentsOf(path: string): string[] {
  return path.replace(/^\//, "").replace(/\/$/, "").split("/");
}

function nodeFor(root: Node, uri: string): Node {
  let node = root;
  for (const segment of segmentsOf(uri)) {
    const [, name] = /^\{(\w+)\}$/.exec(segment) ?? [];
    if (name === undefined) {
      const next = node.literals.get(segment) ?? newNode();
      node.literals.set(segment, next);
      node = next;
    } else {
      node.variable ??= { name, node: newNode() };
      node = node.variable.node;
    }
  }
  return node;
}

function find(root: Node, segments: readonly string[]): Route | undefined {
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

function step(node: Node, segment: string, params: [string, string][]): Node | undefined {
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

function reached({ resource, document }: Node, uri: string, params: Route["params"]): Route | undefined {
  if (resource) {
    return { kind: "resource", resource, uri, params };
  }
  return document && { kind: "document", document, uri, params };
}

/** `…/Actions/NAME`, and `…/Members`, which is another name of a collection for who adds to it (DSP0266 "POST (create)"). */
function below(
  { resource }: Node,
  [first, second, ...rest]: readonly string[],
  uri: string,
  params: Route["params"],
): Route | undefined {
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
