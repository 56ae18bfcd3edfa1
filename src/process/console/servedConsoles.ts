/** The consoles that are served, and which of them a VM may have. */
import { createHash } from "node:crypto";

import type { VmIdentity } from "../../protocol/telnet/vmIdentity.js";
import type { ServedConsole } from "../ipc/console.js";
import { tokenIn } from "../ipc/serviceUri.js";
import type { Line } from "./line.js";

export interface OpenConsole {
  readonly served: ServedConsole;
  readonly line: Line;
}

export type Match =
  | { readonly line: Line; readonly isProven: boolean }
  /** Half a sentence. */
  | { readonly refusal: string };

export interface ServedConsoles {
  readonly get: (vmName: string) => OpenConsole | undefined;
  readonly all: () => Iterable<OpenConsole>;
  readonly set: (served: ServedConsole, line: Line) => void;
  readonly delete: (vmName: string) => void;
  /** Whether a service URI has a token of a console here. */
  readonly isKnown: (serviceUri: string) => boolean;
  /**
   * Which console a VM may use. UUIDs are not secret, and anyone can choose names: without its token, a VM is only
   * accepted from an allowed host, by its UUID.
   */
  readonly match: (identity: VmIdentity, isFromAllowedHost: boolean) => Match;
}

export function createServedConsoles(): ServedConsoles {
  const consoles = new Map<string, OpenConsole>();
  /** Digests: how long a search takes says nothing about a token. */
  const byToken = new Map<string, string>();

  function byServiceUri(serviceUri: string): OpenConsole | undefined {
    const token = tokenIn(serviceUri);
    return token === undefined ? undefined : consoles.get(byToken.get(digest(token)) ?? "");
  }

  function remove(vmName: string): void {
    const before = consoles.get(vmName);
    if (before !== undefined) {
      byToken.delete(digest(before.served.token));
      consoles.delete(vmName);
    }
  }

  return {
    get: (vmName) => consoles.get(vmName),
    all: () => consoles.values(),
    set: (served, line) => {
      remove(served.vmName);
      consoles.set(served.vmName, { served, line });
      if (served.mode.kind === "concentrator") {
        byToken.set(digest(served.token), served.vmName);
      }
    },
    delete: remove,
    isKnown: (serviceUri) => byServiceUri(serviceUri) !== undefined,
    match: (identity, isFromAllowedHost) => {
      if (tokenIn(identity.serviceUri) !== undefined) {
        const owner = byServiceUri(identity.serviceUri);
        return owner === undefined ? { refusal: "its token is unknown" } : matchProven(owner, identity);
      }
      if (!isFromAllowedHost) {
        return {
          refusal: "it has no token: set it up with vbmc console NAME --setup, or list its host in allowed_hosts",
        };
      }
      return matchUuid([...consoles.values()], identity);
    },
  };
}

/** A clone has the token of its original, and another UUID. */
function matchProven({ served, line }: OpenConsole, { vcUuid, biosUuid }: VmIdentity): Match {
  const differs = (ours: string | undefined, theirs: string | undefined): boolean | undefined =>
    ours === undefined || theirs === undefined ? undefined : ours !== theirs;
  const isOther = differs(served.instanceUuid, vcUuid) ?? differs(served.biosUuid, biosUuid) ?? false;
  return isOther
    ? {
        refusal: `it has the token of ${served.vmName}, and is another VM: set up its own with vbmc console NAME --setup`,
      }
    : { line, isProven: true };
}

function matchUuid(consoles: readonly OpenConsole[], { vcUuid, biosUuid }: VmIdentity): Match {
  const served = consoles.filter(({ served: { mode } }) => mode.kind === "concentrator");
  const byInstance = served.filter((each) => vcUuid !== undefined && each.served.instanceUuid === vcUuid);
  const byBios = served.filter((each) => biosUuid !== undefined && each.served.biosUuid === biosUuid);
  const [first, ...others] = byInstance.length > 0 ? byInstance : byBios;
  if (first === undefined) {
    return { refusal: "no BMC serves it" };
  }
  return others.length > 0 ? { refusal: "several BMCs serve its UUID" } : { line: first.line, isProven: false };
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
