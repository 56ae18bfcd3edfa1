/** Reads a VM's connection: bytes become effects of its session, which are applied one after the other. */
import type { VmEffect, VmSession } from "../../protocol/telnet/vmSession.js";
import type { VmSocket } from "./vmSocket.js";
import type { VmState } from "./vmState.js";

/** What an unknown connection may send, bytes. */
const maxUnknownBytes = 65_536;
/** Maximum unread answers; a peer that does not read them is not a VM, bytes. */
const maxWaitingBytes = 1_048_576;

export interface VmReaderOptions {
  readonly state: VmState;
  readonly socket: VmSocket;
  readonly session: VmSession;
  readonly apply: (effect: VmEffect) => void;
  /** @param reason half a sentence */
  readonly onFault: (reason: string) => void;
}

export interface VmReader {
  readonly open: () => void;
  readonly receive: (chunk: Buffer) => void;
  /** The VM has had enough time to answer who it is. */
  readonly settle: () => void;
}

export function createVmReader(options: VmReaderOptions): VmReader {
  const { state, socket, session, apply, onFault } = options;
  const received: Buffer[] = [];
  let receivedBytes = 0;
  let isApplying = false;

  /** A write to a TLS socket may deliver what it has received before it returns: that has to wait for its turn. */
  function applyAll(effects: readonly VmEffect[]): void {
    isApplying = true;
    for (const effect of effects) {
      if (state.phase !== "closed") {
        apply(effect);
      }
    }
    isApplying = false;
    if (socket.waitingBytes > maxWaitingBytes) {
      onFault("it does not read what it is sent");
    }
  }

  function receiveNext(chunk: Buffer): void {
    receivedBytes += chunk.length;
    applyAll(session.receive(chunk));
    if (state.phase === "limbo" && receivedBytes > maxUnknownBytes) {
      onFault("it sends too much without saying who it is");
    }
  }

  function receive(chunk: Buffer): void {
    received.push(chunk);
    while (!isApplying) {
      const next = received.shift();
      if (next === undefined) {
        return;
      }
      receiveNext(next);
    }
  }

  return {
    open: () => applyAll(session.open()),
    receive,
    settle: () => {
      applyAll(session.settle());
      receive(Buffer.alloc(0));
    },
  };
}
