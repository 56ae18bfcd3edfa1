/** Virtual media of all VMs of an account: one library, one upload at a time. */
import path from "node:path";

import type { Log } from "../../base/log.js";
import { isOutside } from "../../io/address/destination.js";
import type { MediaSlot } from "../../model/machine/media.js";
import { createImageStore } from "../../vsphere/media/imageStore.js";
import type { MediaSettings } from "../../vsphere/media/insertion.js";
import { createLibrary } from "../../vsphere/media/library.js";
import { createMachineMedia, type MachineMedia } from "../../vsphere/media/machineMedia.js";
import { slotIds } from "../../vsphere/media/slotState.js";
import type { Transfers } from "../../vsphere/media/transfers.js";
import type { MoRef } from "../../vsphere/moRef.js";
import type { VimSession } from "../../vsphere/session.js";
import type { LinkConfiguration, MediaConfiguration } from "../ipc/configuration.js";
import { openMediaLibrary } from "./mediaLibraryFile.js";

export interface AccountMedia {
  readonly forMachine: (machine: MediaVm) => MachineMedia;
  /** Whether an image of ours should be in a drive of the VM. */
  readonly hasInserted: (key: string) => boolean;
  /** Deletes unused stored images; never rejects. */
  readonly cleanUp: () => Promise<void>;
  /** Ends transfers in progress. */
  readonly close: () => void;
}

export interface MediaVm {
  readonly onChange: (slots: readonly MediaSlot[]) => void;
  readonly session: VimSession;
  readonly reference: MoRef;
  /** What identifies the VM. */
  readonly key: string;
  readonly log: Log;
}

export interface AccountMediaOptions {
  readonly configuration: LinkConfiguration;
  readonly session: () => VimSession;
  readonly log: Log;
}

/** Larger than a dual-layer DVD. */
const usualMaxBytes = 16 * 1024 ** 3;

const usualMaxTransferMs = 4 * 3_600_000;

const usualMedia: MediaConfiguration = {
  allowedUrls: [],
  allowedFolders: [],
  allowsLoopback: false,
  maxImageBytes: usualMaxBytes,
  maxTransferMs: usualMaxTransferMs,
  verifiesCertificates: true,
};

export function createAccountMedia({ configuration, session, log }: AccountMediaOptions): AccountMedia {
  const { trustFile } = configuration.tls;
  const settings = toSettings(configuration.media ?? usualMedia);
  const folder = trustFile && path.dirname(trustFile);
  const library = createLibrary(
    openMediaLibrary(folder, (message) => log("warn", message), configuration.media?.shard),
  );
  const transfers: Transfers = new Map();
  const store = createImageStore({ session, library, log: (message, fields) => log("warn", message, fields) });
  return {
    forMachine: (machine) =>
      createMachineMedia({
        ...machine,
        settings,
        library,
        store,
        transfers,
        onProgress: (slot, { stage, ...details }) => {
          if (stage !== "uploading") {
            machine.log(stage === "failed" ? "warn" : "debug", "virtual media", { slot, stage, ...details });
          }
        },
      }),
    hasInserted: (key) => slotIds.some((slot) => library.insertion(key, slot) !== undefined),
    cleanUp: store.cleanUp,
    close: () => {
      transfers.forEach(({ abort }) => abort.abort());
      store.close();
    },
  };
}

function toSettings(media: MediaConfiguration): MediaSettings {
  const { datastore, allowedUrls, allowedFolders, allowsLoopback, maxImageBytes, maxTransferMs, verifiesCertificates } =
    media;
  return {
    datastore,
    maxTransferMs,
    policy: {
      allowedUrls,
      allowedFolders,
      isAllowedAddress: (address) => isOutside(address, { allowsLoopback }),
      maxBytes: maxImageBytes,
      verifiesCertificates,
    },
  };
}
