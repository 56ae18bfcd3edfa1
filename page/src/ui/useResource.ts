/** A resource that a view shows: read when the view opens, and again when `version` or the BMC changes. */
import { useEffect, useState } from "preact/hooks";

import { RedfishFailure, type Resource } from "../redfish/client.js";
import { usePage } from "../state/context.js";

export interface Loaded {
  readonly resource: Resource | undefined;
  readonly failure: string | undefined;
  readonly reload: () => void;
}

/** @param name events about this BMC cause another read; undefined: none does */
export function useResource(uri: string | undefined, name?: string, intervalMs?: number): Loaded {
  const { client, fleet } = usePage();
  const [resource, setResource] = useState<Resource>();
  const [failure, setFailure] = useState<string>();
  const [version, setVersion] = useState(0);
  const reload = (): void => setVersion((before) => before + 1);

  useEffect(() => (name === undefined ? undefined : fleet.onEvent((each) => each === name && reload())), [name, fleet]);
  useEffect(() => {
    const timer = intervalMs === undefined ? undefined : setInterval(reload, intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs]);
  useEffect(() => {
    let isCurrent = true;
    if (uri !== undefined) {
      client.get(uri).then(
        (read) => {
          if (isCurrent) {
            setResource(read);
            setFailure(undefined);
          }
        },
        (error: unknown) => isCurrent && setFailure(error instanceof RedfishFailure ? error.message : String(error)),
      );
    }
    return () => {
      isCurrent = false;
    };
  }, [uri, version, client]);
  return { resource, failure, reload };
}
