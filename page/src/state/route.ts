/** Where the page is: `#/bmc/NAME/TAB`, or the fleet. */
import { useEffect, useState } from "preact/hooks";

export const tabs = ["Overview", "Sensors", "Event log", "Boot", "Media", "Console"] as const;
export type Tab = (typeof tabs)[number];

export interface Route {
  /** undefined: all of them. */
  readonly bmc: string | undefined;
  readonly tab: Tab;
}

function slugOf(tab: Tab): string {
  return tab.toLowerCase().replace(" ", "-");
}

export function hrefOf(bmc?: string, tab: Tab = "Overview"): string {
  return bmc === undefined ? "#/" : `#/bmc/${encodeURIComponent(bmc)}/${slugOf(tab)}`;
}

function read(): Route {
  const [, name, slug] = /^#\/bmc\/([^/]+)(?:\/([^/]+))?/.exec(location.hash) ?? [];
  const tab = tabs.find((each) => slugOf(each) === slug) ?? "Overview";
  try {
    return { bmc: name === undefined ? undefined : decodeURIComponent(name), tab };
  } catch {
    return { bmc: undefined, tab };
  }
}

export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const update = (): void => setRoute(read());
    addEventListener("hashchange", update);
    return () => removeEventListener("hashchange", update);
  }, []);
  return route;
}
