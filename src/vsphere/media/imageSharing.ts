/** One transfer for all callers that want the same image: later ones join it, and it ends with the last one. */
import type { MediaProgress } from "../../model/machine/media.js";

/** A part in an image that is stored, or on its way. */
export interface ImageShare {
  /** The datastore path; rejects with MachineError, VimFault or VimTransportError. */
  readonly path: Promise<string>;
  /**
   * The caller no longer wants it: only drives that contain the file keep it then. Resolves, if it was the last caller,
   * when the transfer has ended.
   */
  readonly leave: () => Promise<void>;
}

export type Bring = (signal: AbortSignal, tell: (progress: MediaProgress) => void) => Promise<string>;

export interface ImageSharing {
  /** `bring` is called for the first caller with this `key`. */
  readonly join: (key: string, onProgress: (progress: MediaProgress) => void, bring: Bring) => ImageShare;
  readonly close: () => void;
}

interface Fetching {
  readonly path: Promise<string>;
  readonly abort: AbortController;
  readonly listeners: Set<(progress: MediaProgress) => void>;
  last: MediaProgress;
}

/** `hold` keeps a path until its result is called. */
export function createImageSharing(hold: (path: string) => () => void): ImageSharing {
  const fetching = new Map<string, Fetching>();

  function forget(key: string, own: Fetching): void {
    if (fetching.get(key) === own) {
      fetching.delete(key);
    }
  }

  function begin(key: string, bring: Bring): Fetching {
    const abort = new AbortController();
    const mine: Fetching = {
      abort,
      listeners: new Set(),
      last: { stage: "checking" },
      path: bring(abort.signal, (progress) => {
        mine.last = progress;
        mine.listeners.forEach((listener) => listener(progress));
      }).finally(() => forget(key, mine)),
    };
    fetching.set(key, mine);
    return mine;
  }

  return {
    join: (key, onProgress, bring) => {
      const joined = fetching.get(key) ?? begin(key, bring);
      joined.listeners.add(onProgress);
      onProgress(joined.last);
      let isLeft = false;
      let letGo = (): void => undefined;
      const path = joined.path.then((stored) => {
        if (!isLeft) {
          letGo = hold(stored);
        }
        return stored;
      });
      path.catch(() => undefined);
      return {
        path,
        leave: async () => {
          isLeft = true;
          const isLast = joined.listeners.delete(onProgress) && joined.listeners.size === 0;
          if (isLast) {
            joined.abort.abort();
            forget(key, joined);
          }
          letGo();
          if (isLast) {
            await joined.path.catch(() => undefined);
          }
        },
      };
    },
    close: () => fetching.forEach(({ abort }) => abort.abort()),
  };
}
