import { createSerialQueue } from "../../base/async/serialQueue.js";
import type { ControlRequest, ControlResponse } from "../../control/messages.js";
import { createHostNames } from "../supervisor/hostNames.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { changeAccounts } from "./account.js";
import { addBmc } from "./add.js";
import { answerQuestion } from "./answer.js";
import { checkBmcs } from "./check.js";
import { openOrSetUpConsole } from "./console.js";
import { counted } from "./counted.js";
import { deleteBmcs } from "./delete.js";
import { discoverMachines } from "./discover.js";
import { listEvents } from "./events.js";
import { exportBmcs } from "./export.js";
import { importBmcs } from "./import.js";
import { createJobs } from "./jobs.js";
import { listBmcs } from "./list.js";
import { changeMedia } from "./media.js";
import { setBmc } from "./set.js";
import { showBmc } from "./show.js";
import { startBmcs } from "./start.js";
import { stopBmcs } from "./stop.js";
import { trustCertificate } from "./trust.js";
import { waitForBmcs } from "./wait.js";

/** One handler per command of the control socket; each answers in every case. */
export function createHandlers(supervisor: Supervisor): (request: ControlRequest) => Promise<ControlResponse> {
  /** Two commands might choose the same address and port. */
  const addressQueue = createSerialQueue();
  const jobs = createJobs();
  const hostNames = createHostNames();
  return counted(async (request) => {
    switch (request.command) {
      case "add":
        return await addressQueue.run(() => addBmc(request, supervisor, hostNames));
      case "delete":
        return await deleteBmcs(request, supervisor, jobs);
      case "start":
        return await startBmcs(request, supervisor, jobs);
      case "stop":
        return await stopBmcs(request, supervisor, jobs);
      case "list":
        return listBmcs(request, supervisor);
      case "show":
        return showBmc(request, supervisor);
      case "set":
        return await setBmc(request, supervisor, addressQueue, hostNames);
      case "import":
        return await addressQueue.run(() => importBmcs(request, supervisor, hostNames));
      case "export":
        return exportBmcs(request, supervisor);
      case "check":
        return await checkBmcs(request, supervisor);
      case "discover":
        return await discoverMachines(request, supervisor);
      case "events":
        return await listEvents(request, supervisor);
      case "media":
        return await changeMedia(request, supervisor);
      case "account":
        return await changeAccounts(request, supervisor);
      case "answer":
        return await answerQuestion(request, supervisor);
      case "console":
        return await openOrSetUpConsole(request, supervisor);
      case "trust":
        return await trustCertificate(request, supervisor);
      case "wait":
        return await waitForBmcs(request, supervisor, jobs);
    }
  });
}
