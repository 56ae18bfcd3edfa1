/** The link to one vCenter account: one session, one watch over all VMs served, and the operations of their BMCs. */
import type { Deadline } from "../../base/async/deadline.js";
import type { Log } from "../../base/log.js";
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { LoginLimits } from "../../vsphere/sessionLogin.js";
import type { OnCall } from "../../vsphere/vimClient.js";
import type { LinkConfiguration, ServedMachine } from "../ipc/configuration.js";
import type { FromLink } from "../ipc/link.js";
import type { AccountAnswer, AccountQuestion } from "../ipc/question.js";
import { answerQuestion } from "./accountQuestions.js";
import type { KeepAliveIntervals } from "./keepAlive.js";
import { createServedMachines } from "./servedMachines.js";
import { createVcenterConnection } from "./vcenterConnection.js";

export interface VcenterLink {
  readonly serve: (machines: readonly ServedMachine[]) => void;
  readonly withdraw: (vmNames: readonly string[]) => void;
  readonly operate: (
    vmName: string,
    operation: MachineOperation,
    deadline: Deadline,
  ) => Promise<MachineOperationResult>;
  /** Never rejects. */
  readonly ask: (question: AccountQuestion, timeoutMs: number) => Promise<AccountAnswer>;
  /** Whether a login is in progress, which `stop` waits for. */
  readonly isLoggingIn: () => boolean;
  /** Logs out; resolves within about two seconds whatever vCenter does, unless a login is in progress. */
  readonly stop: () => Promise<void>;
}

export interface LinkOptions {
  readonly intervals?: Partial<KeepAliveIntervals>;
  readonly onCall?: OnCall;
  readonly userAgent?: string;
  readonly loginLimits?: Partial<LoginLimits>;
  /** How long VMs that are missing, or that the account may not see, are not looked up at most, ms. */
  readonly maxLookUpPauseMs?: number;
}

export function createVcenterLink(
  configuration: LinkConfiguration,
  send: (message: FromLink) => void,
  options: LinkOptions = {},
): VcenterLink {
  const { viserver } = configuration;
  const log: Log = (level, message, fields = {}) =>
    send({ type: "log", level, message, fields: { viserver, ...fields } });
  const machines = createServedMachines({
    configuration,
    session: () => connection.session,
    problem: () => connection.problem(),
    send,
    log,
    maxLookUpPauseMs: options.maxLookUpPauseMs,
  });
  const connection = createVcenterConnection({
    configuration,
    log,
    onState: (linkState) => send({ type: "linkState", linkState }),
    serve: machines.connected,
    onProblem: machines.disconnected,
    isWatching: machines.isWatching,
    ...options,
  });
  return {
    serve: machines.serve,
    withdraw: machines.withdraw,
    operate: machines.operate,
    ask: (question, timeoutMs) =>
      answerQuestion(question, configuration, {
        connect: () => connection.connectNow(timeoutMs),
        pinned: machines.pinned,
        tryNow: connection.tryNow,
        lookAgain: machines.lookAgain,
        instanceUuid: machines.instanceUuid,
        reference: machines.reference,
      }),
    isLoggingIn: connection.isLoggingIn,
    stop: async () => {
      machines.close();
      await connection.stop();
    },
  };
}
