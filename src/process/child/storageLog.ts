/** Logs problems with storing data in a BMC's folder: once while nothing can be stored, and whenever data is lost. */
import path from "node:path";

import type { Log } from "../../base/log.js";
import { fileFault, isFull } from "../../io/files/errno.js";
import { setAside } from "../../io/files/setAside.js";
import { StorageError } from "../../model/bmc/state/storage.js";

export interface StorageLog {
  readonly succeeded: () => void;
  /** @returns the error for the caller */
  readonly failed: (error: unknown, file: string) => StorageError;
  /** Renames an unusable file, so that it can be inspected. Never throws. */
  readonly setAside: (file: string, reason: string) => void;
}

export function createStorageLog(folder: string, log: Log): StorageLog {
  let reportedProblem: string | undefined;

  return {
    succeeded: () => {
      if (reportedProblem !== undefined) {
        reportedProblem = undefined;
        log("info", "changes to the BMC's data are stored again", { folder });
      }
    },
    failed: (error, file) => {
      const fault = fileFault(error);
      if (fault !== reportedProblem) {
        reportedProblem = fault;
        log(
          "warn",
          `${folder}: ${fault}: changes to the BMC's data (users, SEL …) will be lost when its process ends`,
          { file },
        );
      }
      const kind = isFull(error) ? "full" : "refused";
      return new StorageError(kind, `${file} cannot be written: ${fault}`);
    },
    setAside: (file, reason) => {
      const lost = `the data of the BMC in ${path.basename(file)} is lost: ${reason}`;
      const fault = setAside(file);
      const outcome = fault === undefined ? "was renamed" : `cannot be renamed: ${fault}`;
      log("warn", `${lost}; the file ${outcome}`, { file });
    },
  };
}
