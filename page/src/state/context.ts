/** What the views of a logged-in user share, as a Preact context. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { RedfishClient } from "../redfish/client.js";
import type { Fleet } from "./fleet.js";
import type { Messages } from "./messages.js";
import type { LoggedIn } from "./session.js";

/** What every view of a logged-in user works with. */
export interface Page {
  readonly client: RedfishClient;
  readonly fleet: Fleet;
  readonly messages: Messages;
  readonly user: LoggedIn;
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) {
    throw new Error("no page around this view");
  }
  return page;
}
