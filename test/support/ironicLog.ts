/** What Ironic's services print, to be awaited and to be shown with what fails. */
import type { Readable } from "node:stream";

import { ironicWaitMs } from "./ironicApi.js";

export interface IronicLog {
  readonly follow: (stream: Readable) => void;
  readonly text: () => string;
  /** The end of it. */
  readonly tail: () => string;
  /** Resolves with the first match behind `from` characters; rejects with the tail. */
  readonly logged: (pattern: RegExp, from?: number) => Promise<RegExpExecArray>;
}

const tailCharacters = 6_000;

export function createIronicLog(): IronicLog {
  const watchers = new Set<() => void>();
  let text = "";
  const tail = (): string => text.slice(-tailCharacters);

  return {
    follow: (stream) => {
      stream.setEncoding("utf8").on("data", (more: string) => {
        text += more;
        watchers.forEach((look) => look());
      });
    },
    text: () => text,
    tail,
    logged: (pattern, from = 0) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`Ironic does not log ${String(pattern)}: ${tail()}`));
        }, ironicWaitMs);
        const look = (): void => {
          const match = pattern.exec(text.slice(from));
          if (match) {
            clearTimeout(timer);
            watchers.delete(look);
            resolve(match);
          }
        };
        watchers.add(look);
        look();
      }),
  };
}
