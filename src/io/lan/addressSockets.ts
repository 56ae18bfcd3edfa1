/** One socket per address of the host, all on the same port, updated as addresses come and go. */
import type { Socket } from "node:dgram";

import type { Log } from "../../base/log.js";
import { bindError } from "./bindError.js";
import { hostAddresses } from "./hostAddresses.js";
import { bindSocket, closeSocket } from "./socket.js";

export interface AddressSockets {
  /** Binds new addresses and closes the sockets of removed ones. */
  readonly follow: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface AddressSocketsOptions {
  readonly port: number;
  readonly ipv4Only: boolean;
  readonly attach: (socket: Socket) => void;
  readonly log: Log;
}

export function createAddressSockets({ port, ipv4Only, attach, log }: AddressSocketsOptions): AddressSockets {
  const sockets = new Map<string, Socket>();
  let isClosed = false;
  let following: Promise<void> | undefined;

  async function bindNew(local: string): Promise<void> {
    try {
      const socket = await bindSocket(local, port, true);
      if (isClosed) {
        await closeSocket(socket);
        return;
      }
      attach(socket);
      sockets.set(local, socket);
    } catch (error) {
      // The address is tentative or already gone: the wildcard socket serves it in the meantime.
      log("debug", "cannot bind an address", { reason: bindError(error, local, port).message });
    }
  }

  async function followOnce(): Promise<void> {
    const present = hostAddresses(ipv4Only);
    const gone = [...sockets].filter(([local]) => !present.includes(local));
    for (const [local, socket] of gone) {
      sockets.delete(local);
      await closeSocket(socket);
    }
    for (const local of present.filter((address) => !sockets.has(address))) {
      await bindNew(local);
    }
  }

  return {
    follow: () => {
      following ??= followOnce().finally(() => (following = undefined));
      return following;
    },
    close: async () => {
      isClosed = true;
      await following;
      await Promise.all([...sockets.values()].map(closeSocket));
      sockets.clear();
    },
  };
}
