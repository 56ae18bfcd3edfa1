/** Asks the concentrator for a vMotion, and waits for its answer. */
import { suboption } from "./extension.js";

export interface VmotionRequest {
  /** Resolves with the secret; rejects where the concentrator says no, or nothing in time. */
  readonly begin: (sequence: Buffer, timeoutMs: number) => Promise<Buffer>;
  /** VMOTION-GOAHEAD: sequence and secret. */
  readonly onGoAhead: (bytes: Buffer) => void;
  readonly fail: (reason: string) => void;
}

export function createVmotionRequest(sendSuboption: (code: number, bytes: Buffer) => void): VmotionRequest {
  let pending: { readonly sequence: Buffer; readonly settle: (answer: Buffer | Error) => void } | undefined;

  const fail = (reason: string): void => pending?.settle(new Error(reason));

  return {
    begin: (sequence, timeoutMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => fail("the concentrator did not acknowledge within the allowed time"), timeoutMs);
        pending = {
          sequence,
          settle: (answer) => {
            clearTimeout(timer);
            pending = undefined;
            if (answer instanceof Error) {
              reject(answer);
            } else {
              resolve(answer);
            }
          },
        };
        sendSuboption(suboption.vmotionBegin, sequence);
      }),
    onGoAhead: (bytes) => {
      if (pending && bytes.subarray(0, pending.sequence.length).equals(pending.sequence)) {
        pending.settle(bytes.subarray(pending.sequence.length));
      }
    },
    fail,
  };
}
