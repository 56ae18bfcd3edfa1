/** All requests of the control socket: one file each. */
import * as v from "valibot";

import { accountRequest } from "./account.js";
import { addRequest } from "./add.js";
import { answerRequest } from "./answer.js";
import { busyRequest } from "./busy.js";
import { checkRequest } from "./check.js";
import { consoleRequest } from "./console.js";
import { discoverRequest } from "./discover.js";
import { eventsRequest } from "./events.js";
import { exportRequest } from "./export.js";
import { importRequest } from "./import.js";
import { listRequest } from "./list.js";
import { mediaRequest } from "./media.js";
import { namesRequest } from "./names.js";
import { setRequest } from "./set.js";
import { showRequest } from "./show.js";
import { trustRequest } from "./trust.js";
import { waitRequest } from "./wait.js";

const requests = [
  accountRequest,
  addRequest,
  answerRequest,
  busyRequest,
  checkRequest,
  consoleRequest,
  discoverRequest,
  eventsRequest,
  exportRequest,
  importRequest,
  listRequest,
  mediaRequest,
  namesRequest,
  setRequest,
  showRequest,
  trustRequest,
  waitRequest,
] as const;

export const controlRequest = v.variant("command", requests);

export type ControlRequest = v.InferOutput<typeof controlRequest>;

/** The commands of all requests. */
export const commands: readonly string[] = requests.flatMap(({ entries: { command } }) =>
  "literal" in command ? [command.literal] : command.options,
);
