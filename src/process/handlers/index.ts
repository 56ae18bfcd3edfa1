/** From the requests of the control socket to operations, and from their results to responses. */
import { createSerialQueue } from "../../base/async/serialQueue.js";
import type { ControlRequest, ControlResponse } from "../../control/messages.js";
import { changeAccounts } from "../operations/account.js";
import { addBmc } from "../operations/add.js";
import { answerQuestion } from "../operations/answer.js";
import { checkBmcs } from "../operations/check.js";
import { openOrSetUpConsole } from "../operations/console.js";
import { deleteBmcs } from "../operations/delete.js";
import { discoverMachines } from "../operations/discover.js";
import { findEvents } from "../operations/events.js";
import { exportBmcs } from "../operations/export.js";
import { importBmcs } from "../operations/import.js";
import { createJobs } from "../operations/jobs.js";
import { listBmcs } from "../operations/list.js";
import { changeMedia } from "../operations/media.js";
import { toText } from "../operations/names.js";
import { setBmc } from "../operations/set.js";
import { showBmc } from "../operations/show.js";
import { startBmcs } from "../operations/start.js";
import { stopBmcs } from "../operations/stop.js";
import { trustCertificate } from "../operations/trust.js";
import { waitForBmcs } from "../operations/wait.js";
import { createHostNames } from "../supervisor/hostNames.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { renderAccounts } from "./account.js";
import { renderAnswer } from "./answer.js";
import { renderCheck } from "./check.js";
import { renderConsole } from "./console.js";
import { counted } from "./counted.js";
import { renderDiscovered } from "./discover.js";
import { renderEvents } from "./events.js";
import { renderExport } from "./export.js";
import { renderImport } from "./import.js";
import { renderJob } from "./jobs.js";
import { renderList } from "./list.js";
import { renderMedia } from "./media.js";
import { renderBmc } from "./show.js";
import { renderTrust } from "./trust.js";

type Handle<Request> = (request: Request) => Promise<ControlResponse>;

/** One handler per command of the control socket; each answers in every case. */
export function createHandlers(supervisor: Supervisor): Handle<ControlRequest> {
  /** Two commands might choose the same address and port. */
  const addressQueue = createSerialQueue();
  const jobs = createJobs();
  const hostNames = createHostNames();
  const handle: Handle<Exclude<ControlRequest, { command: "busy" }>> = async (request) => {
    switch (request.command) {
      case "add":
        await addressQueue.run(() => addBmc(request, supervisor, hostNames));
        return done;
      case "delete":
        return renderJob("delete", await deleteBmcs(request, supervisor, jobs), request.timeout_ms !== undefined);
      case "start":
        return renderJob("start", await startBmcs(request, supervisor, jobs), request.timeout_ms !== undefined);
      case "stop":
        return renderJob("stop", await stopBmcs(request, supervisor, jobs), request.timeout_ms !== undefined);
      case "wait":
        return renderJob(request.for, await waitForBmcs(request, supervisor, jobs), true);
      case "list":
        return renderList(listBmcs(request, supervisor), request);
      case "show":
        return renderBmc(showBmc(request.vm_name, supervisor), request, supervisor.config.showPasswords);
      case "set": {
        const { vm_name: name } = request;
        const state = await setBmc(request, supervisor, addressQueue, hostNames);
        return state === "done" ? done : renderJob("start", { failures: [], pending: [name] }, false);
      }
      case "import":
        return renderImport(await addressQueue.run(() => importBmcs(request, supervisor, hostNames)));
      case "export":
        return renderExport(exportBmcs(request, supervisor), request);
      case "check":
        return renderCheck(await checkBmcs(request, supervisor));
      case "discover":
        return renderDiscovered(await discoverMachines(request, supervisor));
      case "events":
        return renderEvents(await findEvents(request, supervisor));
      case "media":
        return renderMedia(await changeMedia(request, supervisor));
      case "account":
        return renderAccounts(await changeAccounts(request, supervisor), request);
      case "console":
        return renderConsole(await openOrSetUpConsole(request, supervisor));
      case "answer":
        return renderAnswer(await answerQuestion(request, supervisor));
      case "trust":
        return renderTrust(await trustCertificate(request, supervisor));
    }
  };
  return counted((request) => handle(request).catch((error: unknown) => ({ rc: 1, msg: [toText(error)] })));
}

const done: ControlResponse = { rc: 0, msg: [] };
