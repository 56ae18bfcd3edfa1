/** XML in and out: requests as trees that keep the order of their elements, values as text. */
import { XMLParser } from "fast-xml-parser";

import type { Reference, Value } from "./value.js";

export interface Element {
  /** Without its prefix. */
  readonly name: string;
  /** The xsi:type attribute without its prefix, whatever prefix the client uses for xsi. */
  readonly xsiType: string | undefined;
  /** The attribute without prefix that names a reference's kind of managed object. */
  readonly type: string | undefined;
  readonly children: readonly Element[];
  readonly text: string;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

type Node = Readonly<Record<string, unknown>>;

/** The root element; undefined when the text is no XML. */
export function parseXml(xml: string): Element | undefined {
  try {
    const nodes = parser.parse(xml) as readonly Node[];
    return nodes.map(toElement).find((element) => element !== undefined);
  } catch {
    return undefined;
  }
}

function toElement(node: Node): Element | undefined {
  const name = Object.keys(node).find((key) => key !== ":@" && key !== "#text");
  if (name === undefined) {
    return undefined;
  }
  const content = node[name] as readonly Node[];
  const attributes = (node[":@"] ?? {}) as Readonly<Record<string, string>>;
  const xsiType = Object.entries(attributes).find(([key]) => key.endsWith(":type"))?.[1];
  return {
    name: name.replace(/^.*:/, ""),
    xsiType: xsiType?.replace(/^.*:/, ""),
    type: attributes["type"],
    children: content.flatMap((child) => toElement(child) ?? []),
    text: content.map((child) => (typeof child["#text"] === "string" ? child["#text"] : "")).join(""),
  };
}

export function child(element: Element | undefined, name: string): Element | undefined {
  return element?.children.find((candidate) => candidate.name === name);
}

export function childrenOf(element: Element | undefined, name: string): readonly Element[] {
  return element?.children.filter((candidate) => candidate.name === name) ?? [];
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** An element with the value's type; the `xsi` and `xsd` prefixes are the envelope's. */
export function encodeValue(name: string, value: Value, xsi = "xsi"): string {
  switch (value.kind) {
    case "text":
      return `<${name} ${xsi}:type="${value.type}">${escapeXml(value.text)}</${name}>`;
    case "reference": {
      const { type, id } = value.reference;
      return `<${name} type="${type}" ${xsi}:type="ManagedObjectReference">${escapeXml(id)}</${name}>`;
    }
    case "structure": {
      const fields = Object.entries(value.fields)
        .map(([field, inner]) => (inner ? encodeField(field, inner, xsi) : ""))
        .join("");
      return `<${name} ${xsi}:type="${value.type}">${fields}</${name}>`;
    }
    case "array":
      return `<${name} ${xsi}:type="${value.type}">${encodeItems(value.element, value.items, xsi)}</${name}>`;
  }
}

/** Inside a structure an array is its elements, one after the other, under the field's name. */
function encodeField(name: string, value: Value, xsi: string): string {
  return value.kind === "array" ? encodeItems(name, value.items, xsi) : encodeValue(name, value, xsi);
}

function encodeItems(name: string, items: readonly Value[], xsi: string): string {
  return items.map((item) => encodeValue(name, item, xsi)).join("");
}

export function encodeReference(name: string, { type, id }: Reference): string {
  return `<${name} type="${type}">${escapeXml(id)}</${name}>`;
}
