/** Images in datastores: one upload at a time, one for all who want the same, one file for the same bytes. */
import type { MediaProgress } from "../../model/machine/media.js";
import type { VimSession } from "../session.js";
import { createImageRemoval } from "./imageRemoval.js";
import { createImageStoring, type ImageRequest as StoreRequest } from "./imageStoring.js";
import { createImageUse, type ImageUse } from "./imageUse.js";
import type { Library } from "./library.js";

export interface ImageRequest extends StoreRequest {
  readonly onProgress: (progress: MediaProgress) => void;
}

/** A part in an image that is stored, or on its way. */
export interface ImageShare {
  /** The datastore path; rejects with MachineError, VimFault or VimTransportError. */
  readonly path: Promise<string>;
  /**
   * It is not wanted any more: nothing keeps the file then but the drives that it is in. Resolves, where nobody else wants it,
   * when it is no longer on its way.
   */
  readonly leave: () => Promise<void>;
}

export interface ImageStore {
  readonly fetch: (request: ImageRequest) => ImageShare;
  /** Deletes the file if it is ours and no drive has it. Never rejects: what fails is tried again at the next start. */
  readonly release: (path: string) => Promise<void>;
  /** Deletes what earlier runs have left over. Never rejects. */
  readonly cleanUp: () => Promise<void>;
  readonly close: () => void;
}

export interface ImageStoreOptions {
  readonly session: () => VimSession;
  readonly library: Library;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
  /** Between tries of an upload, ms. */
  readonly pauseMs?: number;
}

/** An image on its way, for all who want it. */
interface Fetching {
  readonly path: Promise<string>;
  readonly abort: AbortController;
  readonly listeners: Set<(progress: MediaProgress) => void>;
  last: MediaProgress;
}

export function createImageStore(options: ImageStoreOptions): ImageStore {
  const { library } = options;
  const fetching = new Map<string, Fetching>();
  const use = createImageUse();
  const removal = createImageRemoval({ ...options, use });
  const store = createImageStoring({ ...options, use, removal });

  function forget(key: string, own: Fetching): void {
    if (fetching.get(key) === own) {
      fetching.delete(key);
    }
  }

  function begin(key: string, request: ImageRequest): Fetching {
    const abort = new AbortController();
    const mine: Fetching = {
      abort,
      listeners: new Set(),
      last: { stage: "checking" },
      path: store(request, abort.signal, (progress) => {
        mine.last = progress;
        mine.listeners.forEach((listener) => listener(progress));
      }).finally(() => forget(key, mine)),
    };
    fetching.set(key, mine);
    return mine;
  }

  return {
    fetch: (request) => {
      const key = `${request.source} ${request.datastore.reference.value}`;
      const joined = fetching.get(key) ?? begin(key, request);
      return join(joined, request.onProgress, use, () => forget(key, joined));
    },
    release: async (path) => {
      const image = library.content().images.find((each) => each.path === path);
      const isInserted = library.content().insertions.some((insertion) => insertion.path === path);
      if (image && !isInserted) {
        await removal.unused(image);
      }
    },
    cleanUp: async () => {
      for (const image of library.content().images) {
        await removal.unused(image);
      }
    },
    close: () => fetching.forEach(({ abort }) => abort.abort()),
  };
}

/** @param onAbandoned nobody wants it any more */
function join(
  joined: Fetching,
  onProgress: (progress: MediaProgress) => void,
  use: ImageUse,
  onAbandoned: () => void,
): ImageShare {
  joined.listeners.add(onProgress);
  onProgress(joined.last);
  let isLeft = false;
  let letGo: (() => void) | undefined;
  const path = joined.path.then((stored) => {
    letGo = isLeft ? undefined : use.hold(stored);
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
        onAbandoned();
      }
      letGo?.();
      letGo = undefined;
      if (isLast) {
        await joined.path.catch(() => undefined);
      }
    },
  };
}
