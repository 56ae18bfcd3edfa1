/** vim25 ManagedObjectReference, in our form and in the form that `soap` needs. */

export interface MoRef {
  readonly type: string;
  readonly value: string;
}

export interface SoapMoRef {
  readonly attributes: { readonly type: string };
  readonly $value: string;
}

export function toSoap({ type, value }: MoRef): SoapMoRef {
  return { attributes: { type }, $value: value };
}

/** undefined for anything but a reference. */
export function fromSoap(value: unknown): MoRef | undefined {
  const { attributes, $value } = (value ?? {}) as { attributes?: { type?: unknown }; $value?: unknown };
  return typeof attributes?.type === "string" && typeof $value === "string"
    ? { type: attributes.type, value: $value }
    : undefined;
}

export function isSame(a: MoRef, b: MoRef | undefined): boolean {
  return a.value === b?.value && a.type === b.type;
}
