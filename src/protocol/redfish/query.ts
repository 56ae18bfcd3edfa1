/** Query options (DSP0266 "Query parameters"). */
import { message } from "./messages.js";
import { RedfishError } from "./redfishError.js";

export interface Expansion {
  /** `.` expands subordinate resources, `~` linked ones, `*` both. */
  readonly scope: "." | "~" | "*";
  readonly levels: number;
}

export interface Query {
  readonly expand?: Expansion;
  /** Property paths, split at `/`. */
  readonly select?: readonly (readonly string[])[];
  readonly top?: number;
  readonly skip?: number;
  readonly only: boolean;
}

/** A higher limit would let one request read the whole service many times. */
export const maxLevels = 3;

export const noQuery: Query = { only: false };

/** Throws RedfishError; unknown parameters without `$` are ignored. */
export function parseQuery(text: string): Query {
  if (text === "") {
    return noQuery;
  }
  const parameters = new URLSearchParams(text);
  const unknown = [...parameters.keys()].find((name) => name.startsWith("$") && !Object.hasOwn(parsers, name));
  if (unknown !== undefined) {
    throw new RedfishError(501, [message("QueryNotSupportedOnResource")]);
  }
  const only = parameters.has("only");
  if (only && parameters.get("only") !== "") {
    throw new RedfishError(400, [message("QueryParameterValueFormatError", [parameters.get("only") ?? "", "only"])]);
  }
  const parts = Object.entries(parsers).map(([name, parse]) => {
    const value = parameters.get(name);
    return value === null ? {} : parse(value, name);
  });
  if (only && [...parameters.keys()].some((name) => Object.hasOwn(parsers, name))) {
    throw new RedfishError(400, [message("QueryCombinationInvalid")]);
  }
  return Object.assign({ only }, ...parts) as Query;
}

const parsers: Readonly<Record<string, (value: string, name: string) => Partial<Query>>> = {
  $expand: (value, name) => ({ expand: parseExpand(value, name) }),
  $select: (value) => ({
    select: value
      .split(",")
      .map((path) => path.trim().split("/"))
      .slice(0, maxSelected),
  }),
  $top: (value, name) => ({ top: parseCount(value, name) }),
  $skip: (value, name) => ({ skip: parseCount(value, name) }),
};

const maxSelected = 100;

function parseExpand(value: string, name: string): Expansion {
  const [, scope, levels = "1"] = /^([.~*])(?:\(\$levels=(\d{1,4})\))?$/.exec(value) ?? [];
  if (scope === undefined) {
    throw new RedfishError(400, [message("QueryParameterValueFormatError", [value, name])]);
  }
  if (Number(levels) < 1 || Number(levels) > maxLevels) {
    throw new RedfishError(400, [message("QueryParameterOutOfRange", [levels, "$levels", `1-${maxLevels}`])]);
  }
  return { scope: scope as Expansion["scope"], levels: Number(levels) };
}

function parseCount(value: string, name: string): number {
  if (!/^\d{1,9}$/.test(value)) {
    throw new RedfishError(400, [message("QueryParameterValueTypeError", [value, name])]);
  }
  return Number(value);
}
