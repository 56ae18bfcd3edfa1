/** Which images may be fetched, and from where: a user of a BMC makes the daemon connect where the image says. */
import path from "node:path";

import { MachineError } from "../../model/machine/errors.js";

export interface ImagePolicy {
  /** URL prefixes, such as `https://images.example.com/iso/`; empty: any http or https URL. */
  readonly allowedUrls: readonly string[];
  /** Folders of this host; empty: no file of it. */
  readonly allowedFolders: readonly string[];
  /** Whether image servers may have this IP address. */
  readonly isAllowedAddress: (address: string) => boolean;
  readonly maxBytes: number;
  /** Where an insertion does not say. */
  readonly verifiesCertificates: boolean;
}

/** Throws MachineError unless the URL begins with one of the prefixes, at the end of a part of its path. */
export function requireAllowedUrl(url: URL, { allowedUrls }: ImagePolicy): void {
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new MachineError("denied", `the image server leads to ${url.protocol}, and only http and https are followed`);
  }
  // A server may take an encoded slash for one, and leave the folder with it.
  const isAmbiguous = /%2f|%5c/i.test(url.pathname);
  const isAllowed =
    !isAmbiguous &&
    allowedUrls.some((prefix) => {
      const { origin, pathname } = new URL(prefix);
      return url.origin === origin && (url.pathname === pathname || url.pathname.startsWith(withSlash(pathname)));
    });
  if (allowedUrls.length > 0 && !isAllowed) {
    throw new MachineError(
      "denied",
      `images from ${url.origin} are not allowed: see [media] image_allow in virtualbmc.conf`,
    );
  }
}

/** `file` and the folders without symbolic links. Throws MachineError. */
export function requireAllowedFile(file: string, folders: readonly string[]): void {
  if (!folders.some((folder) => file.startsWith(withSlash(folder)))) {
    throw new MachineError(
      "denied",
      `files in ${path.dirname(file)} are not allowed: see [media] file_allow in virtualbmc.conf`,
    );
  }
}

function withSlash(folder: string): string {
  return folder.endsWith("/") ? folder : `${folder}/`;
}
