/** Who types on a console: one at a time; the others watch. */
import type { ConsoleUser } from "../../io/console/messages.js";

export interface Candidate {
  readonly user: ConsoleUser;
  readonly isReadOnly: boolean;
}

export interface Writers<C extends Candidate> {
  readonly writer: C | undefined;
  /** In the order in which they came. */
  readonly all: readonly C[];
  /** A client opens the console: the first one becomes the writer. */
  readonly join: (candidate: C) => void;
  /** A client wants to write. Returns the previous writer. */
  readonly take: (candidate: C) => C | undefined;
  /** A client only watches from now on; the next one becomes the writer. */
  readonly release: (candidate: C) => void;
  readonly leave: (candidate: C) => void;
}

export function createWriters<C extends Candidate>(): Writers<C> {
  const all: C[] = [];
  /** Those who only watch now because they said so. */
  const content = new Set<C>();
  let writer: C | undefined;

  /** Serial over LAN has no means to ask for it. */
  function next(): C | undefined {
    const willing = all.filter((each) => !each.isReadOnly && !content.has(each));
    return willing.find(({ user }) => user.kind === "sol") ?? willing[0];
  }

  function take(candidate: C): C | undefined {
    if (candidate.isReadOnly || candidate === writer) {
      return undefined;
    }
    const robbed = writer;
    content.delete(candidate);
    writer = candidate;
    return robbed;
  }

  return {
    get writer() {
      return writer;
    },
    all,
    join: (candidate) => {
      all.push(candidate);
      if (writer === undefined) {
        take(candidate);
      }
    },
    take,
    release: (candidate) => {
      content.add(candidate);
      if (candidate === writer) {
        writer = next();
      }
    },
    leave: (candidate) => {
      all.splice(all.indexOf(candidate), 1);
      content.delete(candidate);
      if (candidate === writer) {
        writer = next();
      }
    },
  };
}
