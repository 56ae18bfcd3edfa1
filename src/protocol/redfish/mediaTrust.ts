/**
 * Which image servers the BMC's virtual media trusts (DSP0268 "VirtualMedia", VerifyCertificate and Certificates): by
 * drive, kept over restarts.
 */
import { X509Certificate } from "node:crypto";

import { boolean, fields, integer, list, optional, text } from "../../base/document/codec.js";
import { createPersistentState } from "../../model/bmc/state/persistentState.js";
import type { BmcStorage } from "../../model/bmc/state/storage.js";
import type { MediaSlotId } from "../../model/machine/media.js";

export interface TrustedCertificate {
  readonly id: number;
  readonly pem: string;
}

export interface MediaTrust {
  /** undefined: as configured. */
  readonly verifiesCertificate: (slot: MediaSlotId) => boolean | undefined;
  /** Rejects with StorageError, as the following do. */
  readonly setVerifiesCertificate: (slot: MediaSlotId, verifies: boolean) => Promise<void>;
  readonly certificates: (slot: MediaSlotId) => readonly TrustedCertificate[];
  /** undefined: there are as many as can be. */
  readonly add: (slot: MediaSlotId, pem: string) => Promise<TrustedCertificate | undefined>;
  readonly remove: (slot: MediaSlotId, id: number) => Promise<void>;
}

interface SlotTrust {
  readonly verifies?: boolean;
  readonly lastId: number;
  readonly certificates: readonly TrustedCertificate[];
}

type Content = Readonly<Record<MediaSlotId, SlotTrust>>;

/** Bytes of PEM. */
export const maxCertificateBytes = 16 * 1_024;
const maxCertificates = 8;
const untouched: SlotTrust = { lastId: 0, certificates: [] };

export function createMediaTrust(storage: BmcStorage): MediaTrust {
  const state = createPersistentState<Content>(storage, "redfishMedia", { cd: untouched, floppy: untouched }, codec);

  function change(slot: MediaSlotId, next: (trust: SlotTrust) => SlotTrust): Promise<void> {
    return state.change((content) => ({ ...content, [slot]: next(content[slot]) }));
  }

  return {
    verifiesCertificate: (slot) => state.value()[slot].verifies,
    setVerifiesCertificate: (slot, verifies) => change(slot, (trust) => ({ ...trust, verifies })),
    certificates: (slot) => state.value()[slot].certificates,
    add: async (slot, pem) => {
      let added: TrustedCertificate | undefined;
      await change(slot, (trust) => {
        if (trust.certificates.length >= maxCertificates) {
          return trust;
        }
        added = { id: trust.lastId + 1, pem };
        return { ...trust, lastId: added.id, certificates: [...trust.certificates, added] };
      });
      return added;
    },
    remove: (slot, id) =>
      change(slot, (trust) => ({
        ...trust,
        certificates: trust.certificates.filter((certificate) => certificate.id !== id),
      })),
  };
}

/** The only certificate of a PEM text; undefined when there is none, or more than one. */
export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return pem.split("-----BEGIN ").length === 2 ? new X509Certificate(pem) : undefined;
  } catch {
    return undefined;
  }
}

const slotCodec = fields<SlotTrust>({
  verifies: optional(boolean),
  lastId: integer(0, Number.MAX_SAFE_INTEGER),
  certificates: list(
    fields<TrustedCertificate>({ id: integer(1, Number.MAX_SAFE_INTEGER), pem: text(maxCertificateBytes) }),
    maxCertificates,
  ),
});
const codec = fields<Content>({ cd: slotCodec, floppy: slotCodec });
