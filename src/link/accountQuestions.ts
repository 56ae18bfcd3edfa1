/** Answers to what is asked of the account itself, over the session that the link has anyway. */
import type { LinkConfiguration } from "../child/messages.js";
import type { AccountAnswer, AccountQuestion } from "../machine/question.js";
import { discoverMachines } from "../vsphere/discovery.js";
import { isFault, toMachineError } from "../vsphere/faults.js";
import type { VimSession } from "../vsphere/session.js";
import { diagnose } from "./diagnosis.js";

/** Never rejects. `connect` gives the session, and rejects with why there is none. */
export async function answerQuestion(
  question: AccountQuestion,
  configuration: LinkConfiguration,
  connect: () => Promise<VimSession>,
): Promise<AccountAnswer> {
  try {
    switch (question.name) {
      case "diagnose":
        return { ok: true, diagnoses: await diagnose(configuration, question.machines, connect) };
      case "discover":
        return { ok: true, machines: await discoverMachines(await connect(), question) };
    }
  } catch (error) {
    const { kind, message } = toMachineError(error);
    const { viserver, username } = configuration;
    const refused = `${viserver} refuses the login of ${username}: check user name and password`;
    return { ok: false, kind, message: isFault(error, "InvalidLogin") ? refused : message };
  }
}
