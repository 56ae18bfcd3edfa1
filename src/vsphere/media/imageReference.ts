/** What people give as an image: a URL, a file of a datastore, or a file of this host. */
import path from "node:path";

import { MachineError } from "../../model/machine/errors.js";

export type ImageReference =
  | { readonly kind: "url"; readonly url: URL; readonly credentials: Credentials | undefined }
  /** `[datastore] path` */
  | { readonly kind: "datastore"; readonly datastorePath: string }
  | { readonly kind: "file"; readonly file: string }
  /** Sent through the page. */
  | { readonly kind: "upload"; readonly socketPath: string };

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Of a URL or path. */
const maxImageBytes = 2_048;

/** Separate credentials take precedence over those in the URL. Throws MachineError. */
export function parseImage(image: string, separate: Credentials | undefined): ImageReference {
  if (Buffer.byteLength(image) > maxImageBytes) {
    throw new MachineError("unsupported", `the image's URL or path is longer than ${maxImageBytes} bytes`);
  }
  if (/^\[[^\]]+\] ?\S/.test(image)) {
    return { kind: "datastore", datastorePath: image };
  }
  if (path.isAbsolute(image)) {
    return { kind: "file", file: path.normalize(image) };
  }
  const url = URL.canParse(image) ? new URL(image) : undefined;
  switch (url?.protocol) {
    case "http:":
    case "https:":
      return { kind: "url", ...splitCredentials(url, separate) };
    case "nfs:":
    case "smb:":
    case "cifs:":
      throw new MachineError(
        "unsupported",
        "NFS and SMB shares are datastores to vSphere: mount the share there, and give the image as [datastore] path",
      );
    default:
      throw new MachineError(
        "unsupported",
        "the image is no http or https URL, no [datastore] path and no absolute path of a file: give one of these",
      );
  }
}

function splitCredentials(
  url: URL,
  separate: Credentials | undefined,
): { readonly url: URL; readonly credentials: Credentials | undefined } {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  bare.hash = "";
  const inside =
    url.username === ""
      ? undefined
      : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return { url: bare, credentials: separate ?? inside };
}

/** The image as it may be shown to the user who requested it: a password in the URL is masked. */
export function shownImage(image: string): string {
  if (!URL.canParse(image) || new URL(image).password === "") {
    return image;
  }
  return image.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#]*?):[^/?#]*@/i, "$1:***@");
}

/** The last part of its path, such as `debian.iso`. */
export function imageName(image: string): string {
  const location = URL.canParse(image) ? new URL(image).pathname : image.replace(/^\[[^\]]+\] ?/, "");
  const name = path.posix.basename(location);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
