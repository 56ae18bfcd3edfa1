/** Types of the values that clients may write to properties and action parameters. */
import { defined } from "../../base/defined.js";
import type { Json } from "./json.js";

/** The problem with a value. */
export type Finding = "type" | "format" | "list" | "range";

export interface Check {
  readonly kind: "check";
  /** The name in ActionInfo. */
  readonly dataType: "String" | "Boolean" | "Number" | "Object" | "StringArray";
  /** The possible values, for AllowableValues. */
  readonly allowable?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** A password or token: never returned, not even in an error. */
  readonly isSecret?: true;
  /** How a value of it may be shown in logs and events; absent: as it is. */
  readonly shown?: (value: string) => string;
  readonly examine: (value: Json) => Finding | undefined;
}

/** As it may appear in logs, events and errors. */
export function shownValue(value: Json, { shown }: Pick<Check, "shown">): string {
  if (typeof value !== "string") {
    return JSON.stringify(value);
  }
  return shown ? shown(value) : value;
}

export const boolean: Check = {
  kind: "check",
  dataType: "Boolean",
  examine: (value) => (typeof value === "boolean" ? undefined : "type"),
};

export function oneOf(allowable: readonly string[]): Check {
  return {
    kind: "check",
    dataType: "String",
    allowable,
    examine: (value) => (typeof value !== "string" ? "type" : allowable.includes(value) ? undefined : "list"),
  };
}

export function integer(minimum: number, maximum: number): Check {
  return {
    kind: "check",
    dataType: "Number",
    minimum,
    maximum,
    examine: (value) => {
      if (!Number.isInteger(value)) {
        return "type";
      }
      return Number(value) >= minimum && Number(value) <= maximum ? undefined : "range";
    },
  };
}

export interface TextRules {
  /** In bytes of UTF-8. */
  readonly maxBytes: number;
  readonly minBytes?: number;
  readonly pattern?: RegExp;
  readonly isSecret?: true;
  readonly shown?: (value: string) => string;
}

/** No control characters: such a text would break lines wherever it is displayed, and is cut at a null over IPMI. */
export function text({ maxBytes, minBytes = 0, pattern, isSecret, shown }: TextRules): Check {
  return {
    kind: "check",
    dataType: "String",
    ...(isSecret && { isSecret }),
    ...defined({ shown }),
    examine: (value) => {
      if (typeof value !== "string") {
        return "type";
      }
      const length = Buffer.byteLength(value);
      const isFit = length >= minBytes && length <= maxBytes && !/[\x00-\x1f\x7f]/.test(value);
      return isFit && isWellFormed(value) && (pattern?.test(value) ?? true) ? undefined : "format";
    },
  };
}

export function textArray(rules: TextRules & { readonly maxItems: number }): Check {
  const item = text(rules);
  return {
    kind: "check",
    dataType: "StringArray",
    examine: (value) => {
      if (!Array.isArray(value)) {
        return "type";
      }
      const findings = (value as readonly Json[]).map((each) => item.examine(each));
      return value.length > rules.maxItems ? "format" : findings.find((finding) => finding !== undefined);
    },
  };
}

/** A boolean of which a machine can have but one value. */
export function always(only: boolean): Check {
  return {
    ...boolean,
    examine: (value) => boolean.examine(value) ?? (value === only ? undefined : "list"),
  };
}

/** Also accepts null. */
export function orNull(check: Check): Check {
  return { ...check, examine: (value) => (value === null ? undefined : check.examine(value)) };
}

/** Lone surrogates would change when encoded as UTF-8. */
function isWellFormed(value: string): boolean {
  return !/\p{Surrogate}/u.test(value);
}
