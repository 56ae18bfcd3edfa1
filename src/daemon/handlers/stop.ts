import type { ControlResponse, NamesRequest } from "../../control/messages.js";
import type { Supervisor } from "../supervisor.js";
import { namesOf, notFound, perName } from "./perName.js";

/** Longer than the supervisor needs to end a child that does not listen, ms. */
const stopBoundMs = 3000;

/** `vbmc stop NAME…`: answers when the BMCs' ports are free. */
export async function stopBmcs(request: NamesRequest, supervisor: Supervisor): Promise<ControlResponse> {
  return perName(namesOf(request, supervisor), async (name) => {
    if (supervisor.store.read(name) === undefined) return notFound(name, supervisor);
    await supervisor.store.update(name, { active: "False" });
    await supervisor.soon();
    await supervisor.whenDown(name, stopBoundMs);
    return undefined;
  });
}
