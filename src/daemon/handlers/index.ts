import type { ControlRequest, ControlResponse } from "../../control/messages.js";
import type { Supervisor } from "../supervisor.js";
import { AddHandler } from "./add.js";
import { checkBmcs } from "./check.js";
import { deleteBmcs } from "./delete.js";
import { discoverMachines } from "./discover.js";
import { listBmcs } from "./list.js";
import { showBmc } from "./show.js";
import { startBmcs } from "./start.js";
import { stopBmcs } from "./stop.js";

/** One handler per command of the control socket; each answers, whatever happens. */
export function createHandlers(supervisor: Supervisor): (request: ControlRequest) => Promise<ControlResponse> {
  const add = new AddHandler(supervisor);
  return async (request) => {
    switch (request.command) {
      case "add":
        return await add.handle(request);
      case "delete":
        return await deleteBmcs(request.vm_names, supervisor);
      case "start":
        return await startBmcs(request.vm_names, supervisor);
      case "stop":
        return await stopBmcs(request.vm_names, supervisor);
      case "list":
        return listBmcs(request, supervisor);
      case "show":
        return showBmc(request, supervisor);
      case "check":
        return await checkBmcs(request, supervisor);
      case "discover":
        return await discoverMachines(request, supervisor);
    }
  };
}
