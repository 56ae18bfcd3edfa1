/** What is told of keeping things in a BMC's folder: that nothing can be kept once, not with each thing; and what is lost. */
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import type { Log } from "../../base/log.js";
import { fileFault } from "../../io/files/errno.js";
import { setAside } from "../../io/files/setAside.js";
import { StorageError } from "../../model/bmc/state/storage.js";

export interface StorageLog {
  readonly succeeded: () => void;
  /** @returns the error for whoever asked */
  readonly failed: (error: unknown, file: string) => StorageError;
  /** A file of ours that cannot be used is renamed, so that it can be looked at. Never throws. */
  readonly setAside: (file: string, reason: string) => void;
}

export function createStorageLog(folder: string, log: Log): StorageLog {
  let reportedProblem: string | undefined;

  return {
    succeeded: () => {
      if (reportedProblem !== undefined) {
        reportedProblem = undefined;
        log("info", "what the BMC learns is kept again", { folder });
      }
    },
    failed: (error, file) => {
      const fault = fileFault(error);
      if (fault !== reportedProblem) {
        reportedProblem = fault;
        log("warn", `${folder}: ${fault}: what the BMC learns (users, SEL …) ends with its process`, { file });
      }
      const kind = isErrno(error, "ENOSPC", "EDQUOT") ? "full" : "refused";
      return new StorageError(kind, `${file} cannot be written: ${fault}`);
    },
    setAside: (file, reason) => {
      const lost = `what the BMC kept in ${path.basename(file)} is lost: ${reason}`;
      const fault = setAside(file);
      const outcome = fault === undefined ? "is moved aside" : `cannot be moved aside: ${fault}`;
      log("warn", `${lost}; the file ${outcome}`, { file });
    },
  };
}
