/** The way to what serves Redfish: loaded with the first BMC that has a port for it, and given the certificate then. */
import type { CertificateMessage } from "../ipc/child.js";
import type { RedfishFront, RedfishPlace, ServedBmc } from "./redfish/front.js";

/** One BMC's Redfish service. */
export interface OpenedRedfish {
  readonly close: () => Promise<void>;
}

export interface RedfishDoor {
  readonly receive: (message: CertificateMessage) => void;
  /** Resolves once the port is bound; rejects with one line that says why it cannot be, or why there is no certificate. */
  readonly open: (place: RedfishPlace, served: ServedBmc) => Promise<OpenedRedfish>;
}

/** One for all BMCs of a process. */
export function createRedfishDoor(): RedfishDoor {
  let loading: Promise<RedfishFront> | undefined;
  let word: CertificateMessage | undefined;
  let waiting: (() => void)[] = [];

  async function certificate(): Promise<Extract<CertificateMessage, { certificate: string }>> {
    while (word === undefined || "isComing" in word) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    if ("fault" in word) {
      throw new Error(`there is no certificate for Redfish: ${word.fault}`);
    }
    return word;
  }

  async function load(): Promise<RedfishFront> {
    const { createRedfishFront } = await import("./redfish/front.js");
    return createRedfishFront();
  }

  return {
    receive: (message) => {
      word = message;
      waiting.forEach((resolve) => resolve());
      waiting = [];
      if ("certificate" in message) {
        void loading?.then((front) => front.show(message));
      }
    },
    open: async (place, served) => {
      loading ??= load();
      const front = await loading;
      front.show(await certificate());
      return front.open(place, served);
    },
  };
}
