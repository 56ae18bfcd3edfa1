/** Answers to what is asked of the account itself, over the session that the link has anyway. */
import type { LinkConfiguration } from "../child/messages.js";
import type { AccountAnswer, AccountQuestion } from "../machine/question.js";
import { discoverMachines } from "../vsphere/discovery.js";
import { isLoginRefused, toMachineError } from "../vsphere/faults.js";
import type { VimSession } from "../vsphere/session.js";
import { trustCertificate } from "./certificateTrust.js";
import { diagnose } from "./diagnosis.js";
import { answerFoundMachine } from "./machineAnswer.js";

export interface Way {
  /** Gives the session, and rejects with why there is none. */
  readonly connect: () => Promise<VimSession>;
  /** Ends the wait for the next try to connect. */
  readonly tryNow: () => void;
}

/** Never rejects. */
export async function answerQuestion(
  question: AccountQuestion,
  configuration: LinkConfiguration,
  { connect, tryNow }: Way,
): Promise<AccountAnswer> {
  try {
    switch (question.name) {
      case "diagnose":
        return { ok: true, diagnoses: await diagnose(configuration, question.machines, connect) };
      case "discover":
        return { ok: true, machines: await discoverMachines(await connect(), question) };
      case "answer": {
        const { machine, choice } = question;
        return { ok: true, ...(await answerFoundMachine(await connect(), configuration, machine, choice)) };
      }
      case "trust": {
        const trusted = await trustCertificate(configuration, question.fingerprint);
        tryNow();
        return { ok: true, ...trusted };
      }
    }
  } catch (error) {
    const { kind, message } = toMachineError(error);
    const { viserver, username } = configuration;
    const refused = `${viserver} refuses the login of ${username}: check user name and password`;
    return { ok: false, kind, message: isLoginRefused(error) ? refused : message };
  }
}
