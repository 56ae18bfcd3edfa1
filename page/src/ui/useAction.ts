/** Something the user asked for: says what happens, and why not where it fails. */
import { useState } from "preact/hooks";

import { RedfishFailure } from "../redfish/client.js";
import { usePage } from "../state/context.js";

export interface ActionRunner {
  readonly isBusy: boolean;
  /** `text`: what is done, such as `Power on of web01`. */
  readonly run: (text: string, work: () => Promise<void>) => Promise<boolean>;
}

export function useAction(): ActionRunner {
  const { messages } = usePage();
  const [isBusy, setBusy] = useState(false);
  return {
    isBusy,
    run: async (text, work) => {
      setBusy(true);
      messages.say(`${text} …`);
      try {
        await work();
        messages.say(`${text}: done`);
        return true;
      } catch (error) {
        messages.say("");
        messages.fail(`${text}: ${error instanceof RedfishFailure ? error.message : String(error)}`);
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
