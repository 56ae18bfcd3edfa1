/** Following vSphere tasks: their errors come in the task's info, with the call itself a success. */
import type { MoRef } from "./moRef.js";
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, textOf, typeOf } from "./soapValue.js";
import { VimFault } from "./vimErrors.js";

/** A task that runs longer than this is somebody else's problem, ms. */
const followingTimeoutMs = 10 * 60_000;
const firstPollMs = 15;
const longestPollMs = 1_000;

/** Resolves when the task has succeeded; throws VimFault with the fault of one that failed. */
export async function taskCompletion(session: VimSession, task: MoRef): Promise<void> {
  const startedAt = Date.now();
  for (
    let pause = firstPollMs;
    Date.now() - startedAt < followingTimeoutMs;
    pause = Math.min(pause * 2, longestPollMs)
  ) {
    const info = (await readProperties(session, task, ["info"])).get("info");
    const state = textOf(fieldOf(info, "state"));
    if (state === "success") {
      return;
    }
    if (state === "error") {
      const error = fieldOf(info, "error");
      const fault = fieldOf(error, "fault");
      const message = textOf(fieldOf(error, "localizedMessage")) ?? "the task failed";
      throw new VimFault(typeOf(fault) ?? "SystemError", message, fault);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new VimFault("Timedout", "the task did not end");
}
