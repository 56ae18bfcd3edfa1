/** What is under way for the drives of a VM, or was last: one thing at a time for each drive. */
import type { MachineError } from "../../model/machine/errors.js";
import type { MediaProgress, MediaSlotId } from "../../model/machine/media.js";
import { toMachineError } from "../faults.js";

export interface Transfer {
  readonly kind: "insert" | "eject";
  /** Hash of what is asked for. */
  readonly source: string;
  /** As it is shown. */
  readonly image: string | undefined;
  /** Its reason is a MachineError. */
  readonly abort: AbortController;
  /** An eject has taken its place. */
  isCalledOff: boolean;
  isDone: boolean;
  progress: MediaProgress;
  /** Resolves with why it failed; undefined: it has not. */
  done: Promise<MachineError | undefined>;
}

/** Of all VMs, by VM and drive: they outlive the connection. */
export type Transfers = Map<string, Transfer>;

export interface MachineTransfers {
  /** What is under way. */
  readonly current: (slot: MediaSlotId) => Transfer | undefined;
  /** What is under way, or was last. */
  readonly last: (slot: MediaSlotId) => Transfer | undefined;
  /** Runs `work` in the place of whatever was last. */
  readonly begin: (
    slot: MediaSlotId,
    facts: Pick<Transfer, "image" | "kind" | "source">,
    work: (transfer: Transfer, tell: Tell) => Promise<void>,
  ) => Transfer;
  /** Resolves when nothing is in progress, with the reason of a failure; undefined: nothing is in progress. */
  readonly settled: () => Promise<MachineError | undefined> | undefined;
}

const tellIntervalMs = 500;

export type Tell = (progress: MediaProgress) => void;

export function createMachineTransfers(
  transfers: Transfers,
  machine: string,
  onProgress: (slot: MediaSlotId, progress: MediaProgress) => void,
): MachineTransfers {
  const last = (slot: MediaSlotId): Transfer | undefined => transfers.get(`${machine} ${slot}`);
  const current = (slot: MediaSlotId): Transfer | undefined => {
    const transfer = last(slot);
    return transfer?.isDone === false ? transfer : undefined;
  };
  return {
    current,
    last,
    begin: (slot, facts, work) => {
      const transfer: Transfer = {
        ...facts,
        abort: new AbortController(),
        isCalledOff: false,
        isDone: false,
        progress: { stage: facts.kind === "insert" ? "checking" : "ejecting" },
        done: Promise.resolve(undefined),
      };
      let toldAt = 0;
      const tell: Tell = (progress) => {
        const isNextStage = progress.stage !== transfer.progress.stage;
        transfer.progress = progress;
        // Limit the reports: there is one for each chunk.
        if (isNextStage || progress.stage !== "uploading" || Date.now() - toldAt >= tellIntervalMs) {
          toldAt = Date.now();
          onProgress(slot, progress);
        }
      };
      function finish(failure: MachineError | undefined): MachineError | undefined {
        transfer.isDone = true;
        const isFailed = failure !== undefined && !transfer.isCalledOff;
        tell(isFailed ? { stage: "failed", reason: failure.message, at: Date.now() } : { stage: "idle" });
        return failure;
      }
      transfers.set(`${machine} ${slot}`, transfer);
      onProgress(slot, transfer.progress);
      transfer.done = work(transfer, tell).then(
        () => finish(undefined),
        (error: unknown) => finish(toMachineError(error)),
      );
      return transfer;
    },
    settled: () => {
      const underWay = (["cd", "floppy"] as const).flatMap((slot) => current(slot)?.done ?? []);
      return underWay.length === 0
        ? undefined
        : Promise.all(underWay).then((failures) => failures.find((failure) => failure !== undefined));
    },
  };
}
