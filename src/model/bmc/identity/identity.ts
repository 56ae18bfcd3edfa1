/** The identity of the BMC and its system: the VM's UUID, which must not change when vCenter is unreachable. */
import type { Machine } from "../../machine/machine.js";
import { encodeGuid, isUuid, uuidOfName } from "./guid.js";

export interface Identity {
  /** Canonical text. */
  readonly uuid: string;
  /** As sent (IPMI 2.0 §20.8). */
  readonly guid: Buffer;
}

/** `vmUuid` is the configured one; it is used until vSphere reports the VM's own. */
export function createIdentity(
  machine: Pick<Machine, "lastSnapshot">,
  vmName: string,
  vmUuid: string | undefined,
): () => Identity {
  /** Encoded once, since each login needs it. */
  let identity = identityOf(vmUuid ?? uuidOfName(vmName));
  return () => {
    const snapshot = machine.lastSnapshot();
    const uuid = snapshot?.smbiosUuid ?? snapshot?.biosUuid ?? identity.uuid;
    if (uuid !== identity.uuid && isUuid(uuid)) {
      identity = identityOf(uuid);
    }
    return identity;
  };
}

function identityOf(uuid: string): Identity {
  return { uuid, guid: encodeGuid(uuid) };
}
