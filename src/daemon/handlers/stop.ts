import type { ControlResponse } from "../../control/messages.js";
import type { Supervisor } from "../supervisor.js";
import { notFound, perName } from "./perName.js";

/** Longer than the supervisor needs to end a child that does not listen, ms. */
const stopBoundMs = 3000;

/** `vbmc stop NAME…`: answers when the BMCs' ports are free. */
export async function stopBmcs(names: readonly string[], supervisor: Supervisor): Promise<ControlResponse> {
  return perName(names, async (name) => {
    if (supervisor.store.read(name) === undefined) return notFound(name);
    await supervisor.store.update(name, { active: "False" });
    await supervisor.soon();
    await supervisor.whenDown(name, stopBoundMs);
    return undefined;
  });
}
