/** Responses to GET that are sent again as long as their facts are the same, so that polling a System costs little. */
import type { CompleteResponse } from "./exchange.js";
import type { Facts } from "./resource.js";

export interface KeptAnswers {
  /** The response of this URI for these facts; undefined if it is not kept. */
  readonly find: (uri: string, facts: Facts) => CompleteResponse | undefined;
  /** Replaces the previous response of this URI. */
  readonly keep: (uri: string, facts: Facts, answer: CompleteResponse) => void;
}

/** For one BMC. Bounded by the number of resources with facts. */
export function createKeptAnswers(): KeptAnswers {
  const answers = new Map<string, { readonly facts: Facts; readonly answer: CompleteResponse }>();
  return {
    find: (uri, facts) => {
      const kept = answers.get(uri);
      return kept && isSame(kept.facts, facts) ? kept.answer : undefined;
    },
    keep: (uri, facts, answer) => void answers.set(uri, { facts, answer }),
  };
}

/** Facts of one resource always have the same names. */
function isSame(before: Facts, now: Facts): boolean {
  for (const name in now) {
    if (!Object.is(before[name], now[name])) {
      return false;
    }
  }
  return true;
}
