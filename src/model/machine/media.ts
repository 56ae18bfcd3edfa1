/** Virtual media: what is in the drives of the system, and what is on its way there. Plain data. */

/** The first CD drive, and the first floppy drive where the system has a controller for one. */
export type MediaSlotId = "cd" | "floppy";

export interface MediaSlot {
  readonly id: MediaSlotId;
  readonly isInserted: boolean;
  /**
   * As it was given, a password in it masked; of a medium that somebody else has inserted its datastore path. Absent while
   * nothing is inserted or on its way.
   */
  readonly image?: string;
  /** The last part of its path. */
  readonly imageName?: string;
  /** The guest can read it; false while the system is off. */
  readonly isConnected: boolean;
  /** Certificates of image servers are checked; of the last image. */
  readonly verifiesCertificate: boolean;
  readonly progress: MediaProgress;
}

/** How far an insertion or ejection has come. */
export type MediaProgress =
  | { readonly stage: "idle" }
  /** The image is being looked at, before anything is stored. */
  | { readonly stage: "checking" }
  /** Another upload has to end first. */
  | { readonly stage: "queued" }
  /** `totalBytes` is absent where the image server does not tell. */
  | { readonly stage: "uploading"; readonly bytes: number; readonly totalBytes?: number }
  | { readonly stage: "attaching" }
  | { readonly stage: "ejecting" }
  /** `reason`: one line, no secret; `at`: ms since the epoch. */
  | { readonly stage: "failed"; readonly reason: string; readonly at: number };

export interface MediaInsertion {
  readonly slot: MediaSlotId;
  /** An http or https URL, `[datastore] path`, or the absolute path of a file on the daemon's host. */
  readonly image: string;
  /** For the image server. */
  readonly username: string | null;
  readonly password: string | null;
  /** null: as configured. */
  readonly verifyCertificate: boolean | null;
  /** PEM: certificates of image servers, or of authorities, that are trusted besides the well-known ones. */
  readonly trustedCertificates?: readonly string[];
  /** It comes from whoever runs the daemon: any file of its host may be inserted. */
  readonly isOperators?: true;
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
