/** What we have stored in datastores and inserted into drives: the only files that we ever delete are those in here. */
import type { MediaSlotId } from "../../model/machine/media.js";

/** A file of ours in a datastore. It is noted before it is made, so that none is left over. */
export interface StoredImage {
  /** Datastore path. */
  readonly path: string;
  /** See DatacenterPlace.path. */
  readonly dcPath: string;
  /** Hash of what was asked for: URL, account, certificate policy. */
  readonly source: string;
  /** Set once it is complete. */
  readonly content?: ImageContent;
}

export interface ImageContent {
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  /** The server's mark of this version of the image. */
  readonly validator?: string;
}

/** A medium that we have put into a drive. */
export interface Insertion {
  /** What identifies the VM. */
  readonly vm: string;
  readonly slot: MediaSlotId;
  /** As it is shown. */
  readonly image: string;
  readonly source: string;
  readonly path: string;
  readonly verifiesCertificate: boolean;
}

export interface LibraryContent {
  readonly images: readonly StoredImage[];
  readonly insertions: readonly Insertion[];
}

export const emptyLibrary: LibraryContent = { images: [], insertions: [] };

/** Keeps the content over restarts. */
export interface LibraryStorage {
  readonly read: () => LibraryContent;
  /** Rejects where it cannot be kept. */
  readonly write: (content: LibraryContent) => Promise<void>;
}

export interface Library {
  readonly content: () => LibraryContent;
  /** Before the first byte is sent; rejects where it cannot be kept. */
  readonly begin: (image: StoredImage) => Promise<void>;
  readonly complete: (path: string, content: ImageContent) => Promise<void>;
  readonly forget: (path: string) => Promise<void>;
  /** In the place of what was in the drive. */
  readonly insert: (insertion: Insertion) => Promise<void>;
  readonly remove: (vm: string, slot: MediaSlotId) => Promise<void>;
  readonly insertion: (vm: string, slot: MediaSlotId) => Insertion | undefined;
}

export function createLibrary(storage: LibraryStorage): Library {
  let content = storage.read();

  /** What is not kept is known until the daemon ends, and the devices of the VMs tell the truth afterwards. */
  async function change(next: LibraryContent): Promise<void> {
    content = next;
    await storage.write(next).catch(() => undefined);
  }

  const without = (vm: string, slot: MediaSlotId): readonly Insertion[] =>
    content.insertions.filter((insertion) => insertion.vm !== vm || insertion.slot !== slot);

  return {
    content: () => content,
    begin: (image) => {
      content = { ...content, images: [...content.images, image] };
      return storage.write(content);
    },
    complete: (path, added) =>
      change({
        ...content,
        images: content.images.map((image) => (image.path === path ? { ...image, content: added } : image)),
      }),
    forget: (path) => change({ ...content, images: content.images.filter((image) => image.path !== path) }),
    insert: (insertion) => change({ ...content, insertions: [...without(insertion.vm, insertion.slot), insertion] }),
    remove: (vm, slot) => change({ ...content, insertions: without(vm, slot) }),
    insertion: (vm, slot) => content.insertions.find((each) => each.vm === vm && each.slot === slot),
  };
}
