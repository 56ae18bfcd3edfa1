import type { ControlResponse } from "../../control/messages.js";
import type { Supervisor } from "../supervisor.js";
import { notFound, perName } from "./perName.js";

/** Longer than the supervisor needs to end a child that does not listen, ms. */
const stopBoundMs = 3000;

/** `vbmc delete NAME…`: stops the BMCs and removes their folders. */
export async function deleteBmcs(names: readonly string[], supervisor: Supervisor): Promise<ControlResponse> {
  return perName(names, async (name) => {
    if (supervisor.store.read(name) === undefined) return `Command failed: ${notFound(name, supervisor)}`;
    const release = await supervisor.hold(name);
    try {
      await supervisor.whenDown(name, stopBoundMs);
      await supervisor.store.delete(name);
    } finally {
      release();
    }
    return undefined;
  });
}
