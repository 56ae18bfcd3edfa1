/** Loads the Redfish code with the first BMC that needs it, and passes it the certificate. */
import type { CertificateMessage } from "../ipc/child.js";
import type { RedfishConfiguration } from "../ipc/configuration.js";
import type { BmcRedfish, RedfishFront, ServedBmc } from "./redfish/front.js";

/** The Redfish service of one BMC, loaded when it listens or when the fleet forwards the first request. */
export interface LazyRedfish {
  /** Resolves once the port is bound; rejects with one line with the reason, including a missing certificate. */
  readonly listen: (address: string, port: number) => Promise<void>;
  readonly service: () => Promise<BmcRedfish>;
  /** 0 while it is not loaded. */
  readonly openSessions: () => number;
  readonly close: () => Promise<void>;
}

export interface RedfishLoader {
  readonly receive: (message: CertificateMessage) => void;
  readonly serve: (served: ServedBmc, configuration: RedfishConfiguration) => LazyRedfish;
}

/** One for all BMCs of a process. */
export function createRedfishLoader(): RedfishLoader {
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

  function load(): Promise<RedfishFront> {
    loading ??= import("./redfish/front.js").then(({ createRedfishFront }) => createRedfishFront());
    return loading;
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
    serve: (served, configuration) => {
      let creating: Promise<BmcRedfish> | undefined;
      let created: BmcRedfish | undefined;
      const service = (): Promise<BmcRedfish> => {
        creating ??= load().then((front) => (created = front.serve(served, configuration)));
        return creating;
      };
      return {
        service,
        openSessions: () => created?.openSessions() ?? 0,
        listen: async (address, port) => {
          const front = await load();
          front.show(await certificate());
          await (await service()).listen(address, port);
        },
        close: async () => (await creating)?.close(),
      };
    },
  };
}
