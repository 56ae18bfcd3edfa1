/** A load process as its parent sees it. */
import { fork } from "node:child_process";
import { once } from "node:events";

import type { Job, JobAnswer, JobResult } from "./messages.js";

export interface LoadClient {
  /** Rejects when the BMC refuses or does not answer. */
  readonly run: (job: Job) => Promise<JobResult>;
  readonly close: () => void;
}

export function startLoadClient(): LoadClient {
  const child = fork(new URL("./loadProcess.js", import.meta.url));
  return {
    run: async (job) => {
      child.send(job);
      const [answer] = (await once(child, "message")) as [JobAnswer];
      if ("failure" in answer) {
        throw new Error(answer.failure);
      }
      return answer.result;
    },
    close: () => void child.kill(),
  };
}
