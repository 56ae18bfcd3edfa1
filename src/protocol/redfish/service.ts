/** The Redfish service of one BMC (DSP0266): a request as data in, a response as data out. */
import { defined } from "../../base/defined.js";
import type { Log } from "../../base/log.js";
import type { Bmc } from "../../model/bmc/bmc.js";
import type { BmcStorage } from "../../model/bmc/state/storage.js";
import type { Timers } from "../../model/bmc/timers.js";
import { createLoginFailures, type LoginFailure } from "../../model/bmc/users/loginFailures.js";
import type { Machine } from "../../model/machine/machine.js";
import { createAuthentication } from "./authentication.js";
import type { Delivery } from "./events/deliveryQueue.js";
import { createEventing } from "./events/eventing.js";
import { publishFrom, taskEvent } from "./events/sources.js";
import { createHandler, type Handle, type SeenRequest } from "./handler.js";
import { createMediaTrust } from "./mediaTrust.js";
import type { ServiceFacts, ServiceParts } from "./resource.js";
import { documents, resources } from "./resources/index.js";
import { createRouter } from "./router.js";
import { createSessions } from "./sessions.js";
import { createTasks } from "./tasks.js";

export interface RedfishService {
  readonly handle: Handle;
  readonly openSessions: () => number;
  /** Ends all sessions and event streams. */
  readonly close: () => void;
}

export interface RedfishOptions {
  readonly bmc: Bmc;
  readonly machine: Machine;
  /** State that outlives the process. */
  readonly storage: BmcStorage;
  readonly timers: Timers;
  readonly log: Log;
  readonly facts: ServiceFacts;
  /** How to deliver events to subscribers. */
  readonly delivery: Delivery;
  /** Default inactivity time-out of a session, until SessionService changes it, seconds. */
  readonly sessionTimeoutSeconds?: number;
  readonly maxSessions?: number;
  /** An action that takes longer is answered with 202 and a task, ms. */
  readonly taskAfterMs?: number;
  readonly onRequest?: (seen: SeenRequest) => void;
  readonly onLoginFailed?: (failure: LoginFailure) => void;
}

const route = createRouter(resources, documents);

export function createRedfishService(options: RedfishOptions): RedfishService {
  const { bmc, machine, storage, timers, log, facts, delivery, onRequest, onLoginFailed } = options;
  const { taskAfterMs, sessionTimeoutSeconds, maxSessions } = options;
  let startedAt = timers.now();
  const sessions = createSessions({
    users: bmc.users,
    storage,
    now: timers.now,
    ...defined({ timeoutSeconds: sessionTimeoutSeconds, maxSessions }),
  });
  const failures = createLoginFailures({ bmc, now: timers.now, log, onLoginFailed });
  const authentication = createAuthentication(bmc.users, sessions, failures);
  const eventing = createEventing({ storage, timers, log, delivery });
  const endSources = publishFrom(bmc, eventing.publish, timers.now);
  const parts: ServiceParts = {
    bmc,
    machine,
    sessions,
    tasks: createTasks(timers, (task) => eventing.publish(taskEvent(task, timers.now()))),
    eventing,
    mediaTrust: createMediaTrust(storage),
    timers,
    log,
    facts,
    startedAt: () => startedAt,
    logIn: authentication.logIn,
  };
  bmc.onColdReset(() => {
    startedAt = timers.now();
    sessions.closeAll();
    eventing.endStreams();
  });
  const handle = createHandler({
    parts,
    route,
    identify: authentication.identify,
    ...defined({ taskAfterMs }),
    onRequest,
  });

  return {
    handle,
    openSessions: () => sessions.all().length,
    close: () => {
      endSources();
      eventing.close();
      sessions.closeAll();
    },
  };
}
