/** Answers questions about the account itself, over the link's own session. */
import { discoverMachines } from "../../vsphere/discovery.js";
import { isLoginRefused, loginRefusal, toMachineError } from "../../vsphere/faults.js";
import type { MoRef } from "../../vsphere/moRef.js";
import type { VimSession } from "../../vsphere/session.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { AccountAnswer, AccountQuestion, Diagnosis, QuestionedMachine } from "../ipc/question.js";
import { trustCertificate } from "./certificateTrust.js";
import { diagnose } from "./diagnosis.js";
import { untried } from "./loginPacing.js";
import { answerFoundMachine } from "./machineAnswer.js";

export interface Connection {
  /** Resolves with the session, or rejects with why there is none. */
  readonly connect: () => Promise<VimSession>;
  /** The current login only, since what is found is valid only there. */
  readonly pinned: () => Promise<VimSession>;
  /** Retries the connection now. */
  readonly tryNow: () => void;
  /** Looks up uncertain VMs again first, so that the answer matches what the BMCs will do. */
  readonly lookAgain: () => Promise<void>;
  /** Instance UUID of the VM that a BMC represents, or represented last. */
  readonly instanceUuid: (vmName: string) => string | undefined;
  /** The VM that the next command of the BMC would reach. */
  readonly reference: (vmName: string) => MoRef | undefined;
}

/** Never rejects. */
export async function answerQuestion(
  question: AccountQuestion,
  configuration: LinkConfiguration,
  connection: Connection,
): Promise<AccountAnswer> {
  try {
    switch (question.name) {
      case "diagnose":
        return { ok: true, diagnoses: await diagnoseAsServed(configuration, question.machines, connection) };
      case "discover":
        return { ok: true, machines: await discoverMachines(await connection.connect(), question) };
      case "answer": {
        const { machine, choice } = question;
        await connection.connect();
        await connection.lookAgain();
        return {
          ok: true,
          ...(await answerFoundMachine(await connection.pinned(), configuration, machine, choice, connection)),
        };
      }
      case "trust": {
        const trusted = await trustCertificate(configuration, question.fingerprint);
        connection.tryNow();
        return { ok: true, ...trusted };
      }
    }
  } catch (error) {
    const { kind, message } = toMachineError(error);
    return {
      ok: false,
      kind,
      message: isLoginRefused(error) ? loginRefusal(error, configuration) + untried(error) : message,
    };
  }
}

async function diagnoseAsServed(
  configuration: LinkConfiguration,
  machines: readonly QuestionedMachine[],
  connection: Connection,
): Promise<readonly Diagnosis[]> {
  const connectAndLook = async (): Promise<VimSession> => {
    const session = await connection.connect();
    await connection.lookAgain();
    return session;
  };
  return diagnose(configuration, machines, connectAndLook, connection);
}
