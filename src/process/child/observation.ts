/** What the supervisor sees of a BMC's work: always events, and counters if requested. */
import type { ResponderOptions } from "../../protocol/ipmi/responder.js";
import type { SeenRequest } from "../../protocol/redfish/handler.js";
import type { BmcActivity } from "../ipc/child.js";
import { describeAbandoned, describeCommand, describeFailure, describeRecord, describeRequest } from "./activities.js";
import { createEventLimiter } from "./eventLimiter.js";
import { createMeter, type MeterOptions } from "./meter.js";
import type { SupervisorChannel } from "./supervisorChannel.js";

export type Observation = Required<
  Pick<ResponderOptions, "isLogged" | "onCommand" | "onLoginFailed" | "onLoginAbandoned">
> & {
  /** A new record of the SEL; `at` is the host's time, ms. */
  readonly onSelRecord: (record: Buffer, at: number) => void;
  /** Redfish. */
  readonly onRequest: (request: SeenRequest) => void;
};

export function createObservation(
  vmName: string,
  { send, log, isLogged, isMetered }: SupervisorChannel,
  sessions: Pick<MeterOptions, "openSessions" | "openRedfishSessions" | "sessionTimeoutMs">,
): { readonly observation: Observation; readonly stop: () => void } {
  const meter = isMetered ? createMeter({ vmName, send, ...sessions }) : undefined;
  const createTeller = (): ((event: BmcActivity | undefined) => void) => {
    const tellBounded = createEventLimiter((event) => send({ type: "event", vmName, event }));
    return (event) => {
      if (event) {
        tellBounded(event);
      }
    };
  };
  const tell = createTeller();
  // A flood of commands or logins must not hide that the VM was switched.
  const tellRecord = createTeller();
  const observation: Observation = {
    isLogged,
    onCommand: (command) => {
      tell(describeCommand(command));
      meter?.command(command);
    },
    onRequest: (request) => {
      tell(describeRequest(request));
      meter?.request(request);
      if (isLogged("debug")) {
        log("debug", "Redfish request", { vm: vmName, ...request });
      }
    },
    onLoginFailed: (failure) => {
      if (failure.isLogged) {
        tell(describeFailure(failure));
      }
      meter?.loginFailed();
    },
    onLoginAbandoned: (login) => {
      tell(describeAbandoned(login));
      meter?.loginFailed();
    },
    onSelRecord: (record, at) => {
      tellRecord(describeRecord(record, at));
    },
  };
  return { observation, stop: () => meter?.stop() };
}
