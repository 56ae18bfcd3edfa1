/** Never two runs at a time: calls during a run share one further run after it. */

export interface SingleFlight {
  /** Resolves after a run that began after this call. */
  (): Promise<void>;
  /** The last run, in progress or waiting; undefined when idle. */
  readonly present: () => Promise<void> | undefined;
}

export function singleFlight(work: () => Promise<void>): SingleFlight {
  let present: Promise<void> | undefined;
  let following: Promise<void> | undefined;

  function start(): Promise<void> {
    present = work().finally(() => (present = undefined));
    return present;
  }

  function run(): Promise<void> {
    if (!present) {
      return start();
    }
    following ??= present
      .catch(() => undefined)
      .then(() => {
        following = undefined;
        return start();
      });
    return following;
  }
  return Object.assign(run, { present: () => following ?? present });
}
