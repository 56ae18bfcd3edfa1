/** What is under way in the drives of VMs, or was last: one thing at a time for each drive. */
import { MachineError } from "../../model/machine/errors.js";
import type { MediaProgress, MediaSlotId } from "../../model/machine/media.js";
import { toMachineError } from "../faults.js";
import { imageName } from "./imageReference.js";

/** What is under way, or was last, for the slots of all VMs. */
export type Transfers = Map<string, Transfer>;

export interface Transfer {
  readonly kind: "insert" | "eject";
  /** Hash of what is asked for. */
  readonly source: string;
  /** As it is shown. */
  readonly image: string | undefined;
  readonly abort: AbortController;
  /** Resolves with why it failed; undefined: it has not. */
  done: Promise<MachineError | undefined>;
  isDone: boolean;
  progress: MediaProgress;
}

/** The part of one VM. */
export interface MachineTransfers {
  readonly of: (slot: MediaSlotId) => Transfer | undefined;
  /** One that has not ended. */
  readonly underWay: (slot: MediaSlotId) => Transfer | undefined;
  /** Runs `work` as the only one for the slot. */
  readonly begin: (
    slot: MediaSlotId,
    what: Pick<Transfer, "image" | "kind" | "source">,
    work: (transfer: Transfer, tell: (progress: MediaProgress) => void) => Promise<void>,
  ) => Transfer;
}

/** @param key what identifies the VM */
export function transfersOf(
  transfers: Transfers,
  key: string,
  onProgress: (slot: MediaSlotId, progress: MediaProgress) => void,
): MachineTransfers {
  const slotKey = (slot: MediaSlotId): string => `${key} ${slot}`;
  const of = (slot: MediaSlotId): Transfer | undefined => transfers.get(slotKey(slot));
  return {
    of,
    underWay: (slot) => {
      const transfer = of(slot);
      return transfer?.isDone === false ? transfer : undefined;
    },
    begin: (slot, { kind, source, image }, work) => {
      const transfer: Transfer = {
        kind,
        source,
        image,
        abort: new AbortController(),
        done: Promise.resolve(undefined),
        isDone: false,
        progress: { stage: kind === "insert" ? "checking" : "ejecting" },
      };
      const tell = (progress: MediaProgress): void => {
        transfer.progress = progress;
        onProgress(slot, progress);
      };
      transfers.set(slotKey(slot), transfer);
      tell(transfer.progress);
      transfer.done = work(transfer, tell).then(
        () => finish(undefined),
        (error: unknown) => finish(toMachineError(error)),
      );
      function finish(failure: MachineError | undefined): MachineError | undefined {
        transfer.isDone = true;
        const isFailed = failure !== undefined && !transfer.abort.signal.aborted;
        tell(isFailed ? { stage: "failed", reason: failure.message, at: Date.now() } : { stage: "idle" });
        return failure;
      }
      return transfer;
    },
  };
}

/** @throws MachineError busy, while something else than `source` is on its way into the drive */
export function requireSame(transfer: Transfer | undefined, source: string): void {
  if (transfer !== undefined && (transfer.kind !== "insert" || transfer.source !== source)) {
    throw new MachineError("busy", `${inWords(transfer)}: wait until it has ended, or eject it first`);
  }
}

function inWords({ kind, image }: Transfer): string {
  return kind === "eject" ? "the drive is being emptied" : `another image is on its way (${imageName(image ?? "")})`;
}
