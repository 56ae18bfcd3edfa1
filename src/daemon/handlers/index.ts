import type { ControlRequest, ControlResponse } from "../../control/messages.js";
import type { Supervisor } from "../supervisor.js";
import { addBmc } from "./add.js";
import { answerQuestion } from "./answer.js";
import { checkBmcs } from "./check.js";
import { listEvents } from "./events.js";
import { deleteBmcs } from "./delete.js";
import { discoverMachines } from "./discover.js";
import { exportBmcs } from "./export.js";
import { importBmcs } from "./import.js";
import { HostNames } from "../hostNames.js";
import { InTurn } from "./inTurn.js";
import { listBmcs } from "./list.js";
import { setBmc } from "./set.js";
import { showBmc } from "./show.js";
import { startBmcs } from "./start.js";
import { stopBmcs } from "./stop.js";
import { trustCertificate } from "./trust.js";

/** One handler per command of the control socket; each answers, whatever happens. */
export function createHandlers(supervisor: Supervisor): (request: ControlRequest) => Promise<ControlResponse> {
  const inTurn = new InTurn();
  const hostNames = new HostNames();
  return async (request) => {
    switch (request.command) {
      case "add":
        return await inTurn.run(() => addBmc(request, supervisor, hostNames));
      case "delete":
        return await deleteBmcs(request.vm_names, supervisor);
      case "start":
        return await startBmcs(request, supervisor);
      case "stop":
        return await stopBmcs(request, supervisor);
      case "list":
        return listBmcs(request, supervisor);
      case "show":
        return showBmc(request, supervisor);
      case "set":
        return await inTurn.run(() => setBmc(request, supervisor, hostNames));
      case "import":
        return await inTurn.run(() => importBmcs(request, supervisor, hostNames));
      case "export":
        return exportBmcs(request, supervisor);
      case "check":
        return await checkBmcs(request, supervisor);
      case "discover":
        return await discoverMachines(request, supervisor);
      case "events":
        return await listEvents(request, supervisor);
      case "answer":
        return await answerQuestion(request, supervisor);
      case "trust":
        return await trustCertificate(request, supervisor);
    }
  };
}
