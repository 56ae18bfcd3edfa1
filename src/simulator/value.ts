/** Values of vim25 data types, with the type names that go on the wire. */

export interface Reference {
  readonly type: string;
  readonly id: string;
}

export type Value =
  | { readonly kind: "text"; readonly type: string; readonly text: string }
  | { readonly kind: "reference"; readonly reference: Reference }
  /** Fields in the order of the API; undefined ones are unset. */
  | { readonly kind: "structure"; readonly type: string; readonly fields: Readonly<Record<string, Value | undefined>> }
  | { readonly kind: "array"; readonly type: string; readonly element: string; readonly items: readonly Value[] };

export const text = (value: string): Value => ({ kind: "text", type: "xsd:string", text: value });
export const int = (value: number): Value => ({ kind: "text", type: "xsd:int", text: String(value) });
export const long = (value: number): Value => ({ kind: "text", type: "xsd:long", text: String(value) });
export const boolean = (value: boolean): Value => ({ kind: "text", type: "xsd:boolean", text: String(value) });
export const dateTime = (value: Date): Value => ({ kind: "text", type: "xsd:dateTime", text: value.toISOString() });
/** A value of an enumeration type, e.g. VirtualMachinePowerState. */
export const symbol = (type: string, value: string): Value => ({ kind: "text", type, text: value });
export const reference = (type: string, id: string): Value => ({ kind: "reference", reference: { type, id } });
export const structure = (type: string, fields: Readonly<Record<string, Value | undefined>>): Value => ({
  kind: "structure",
  type,
  fields,
});
/** `element` is the item type's name: `VirtualDevice` makes an ArrayOfVirtualDevice. */
export const array = (element: string, items: readonly Value[]): Value => ({
  kind: "array",
  type: `ArrayOf${element}`,
  element,
  items,
});
export const references = (items: readonly Reference[]): Value =>
  array(
    "ManagedObjectReference",
    items.map((item) => ({ kind: "reference", reference: item })),
  );

/**
 * The value at a property path, or undefined where nothing is set: `config.bootOptions`, and `config.extraConfig["key"]`
 * for the element of an array that has the key.
 */
export function valueAt(fields: Readonly<Record<string, Value | undefined>>, path: string): Value | undefined {
  const { name = "", key, rest } = /^(?<name>[^.[]*)(\["(?<key>[^"]*)"\])?(\.(?<rest>.*))?$/.exec(path)?.groups ?? {};
  const value = key === undefined ? fields[name] : elementOf(fields[name], key);
  if (rest === undefined) {
    return value;
  }
  return value?.kind === "structure" ? valueAt(value.fields, rest) : undefined;
}

function elementOf(value: Value | undefined, key: string): Value | undefined {
  return value?.kind === "array"
    ? value.items.find((item) => {
        const itemKey = item.kind === "structure" ? item.fields["key"] : undefined;
        return itemKey?.kind === "text" && itemKey.text === key;
      })
    : undefined;
}
