/** Virtual media: the inserted images and the insertions in progress. Plain data. */

/** The first CD drive, and the first floppy drive if the system has a controller for one. */
export type MediaSlotId = "cd" | "floppy";

/** For people. */
export const driveTexts: Readonly<Record<MediaSlotId, string>> = { cd: "CD drive", floppy: "floppy drive" };

export interface MediaSlot {
  readonly id: MediaSlotId;
  readonly isInserted: boolean;
  /**
   * As requested, with a password in it masked; for a medium inserted by someone else, its datastore path. Absent while
   * nothing is inserted or being inserted.
   */
  readonly image?: string;
  /** The last part of its path. */
  readonly imageName?: string;
  /** Whether the guest can read it; false while the system is off. */
  readonly isConnected: boolean;
  /** Whether the last image's server had to present a valid certificate. */
  readonly verifiesCertificate: boolean;
  readonly progress: MediaProgress;
}

/** Progress of an insertion or ejection. */
export type MediaProgress =
  | { readonly stage: "idle" }
  /** The image is being checked, before anything is stored. */
  | { readonly stage: "checking" }
  /** Waiting for another upload to end. */
  | { readonly stage: "queued" }
  /** `totalBytes` is absent if the image server does not report it. */
  | { readonly stage: "uploading"; readonly bytes: number; readonly totalBytes?: number }
  | { readonly stage: "attaching" }
  | { readonly stage: "ejecting" }
  /** `reason`: one line, no secret; `at`: ms since the epoch. */
  | { readonly stage: "failed"; readonly reason: string; readonly at: number };

export interface MediaInsertion {
  readonly slot: MediaSlotId;
  /** An http or https URL, `[datastore] path`, or the absolute path of a file on the daemon's host. */
  readonly image: string;
  /** Credentials for the image server. */
  readonly username: string | null;
  readonly password: string | null;
  /** null: as configured. */
  readonly verifyCertificate: boolean | null;
  /** PEM: certificates of image servers, or of authorities, that are trusted besides the well-known ones. */
  readonly trustedCertificates?: readonly string[];
  /** The request comes from an administrator of the daemon: any file of its host may be inserted. */
  readonly isOperators?: true;
  /** The image is sent through the page: Unix socket where it is read once, over HTTP. `image` is its name then. */
  readonly uploadSocket?: string;
}

/** How much of an upload is done, 0 to 100; undefined while that cannot be known. */
export function percentOf(progress: MediaProgress): number | undefined {
  if (progress.stage === "attaching") {
    return 100;
  }
  if (progress.stage !== "uploading" || progress.totalBytes === undefined || progress.totalBytes === 0) {
    return undefined;
  }
  return Math.min(100, Math.floor((progress.bytes / progress.totalBytes) * 100));
}

/** An image for logs and events: what may be a password or a token, in front of the server's name or in the query, is masked. */
export function loggedImage(image: string): string {
  return URL.canParse(image)
    ? image.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1***@").replace(/\?.*$/, "?***")
    : image;
}
