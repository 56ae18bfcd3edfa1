/** A start waits for the images that are on their way into the VM's drives: it would boot something else otherwise. */
import { MachineError } from "../../model/machine/errors.js";
import { begin, type Progress } from "../task.js";
import type { MachineMedia } from "./machineMedia.js";

/** The largest image at 10 MB/s takes about this long, ms. */
const mediaTimeoutMs = 30 * 60_000;

/**
 * The start is reported to its client as being in progress, and a power off replaces it. Throws MachineError
 * if an image could not be inserted: the start is cancelled then.
 */
export async function awaitMedia({ settled }: Pick<MachineMedia, "settled">, progress: Progress): Promise<void> {
  const arrival = settled();
  if (!arrival) {
    return;
  }
  begin(progress);
  progress.stage = "underWay";
  progress.task = { method: "the insertion of an image", startedAt: Date.now() };
  try {
    const failure = await within(arrival, mediaTimeoutMs);
    if (failure) {
      throw new MachineError(
        "invalidState",
        `the VM was not started, since its image did not get there: ${failure.message}`,
      );
    }
  } finally {
    progress.task = undefined;
  }
  // A power off may have come meanwhile.
  begin(progress);
}

function within(arrival: Promise<MachineError | undefined>, timeoutMs: number): Promise<MachineError | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(new MachineError("timedOut", `it has been under way for ${timeoutMs / 60_000} minutes`));
    }, timeoutMs);
    void arrival.then((failure) => {
      clearTimeout(timer);
      resolve(failure);
    });
  });
}
