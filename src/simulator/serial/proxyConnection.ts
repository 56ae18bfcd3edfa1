/**
 * One connection of a VM to a virtual serial port concentrator. `captured`, like an ESXi host: it offers option 37, and
 * waits for the concentrator to start. `documented`, as in VMware's "Using a Proxy with vSphere Virtual Serial Ports":
 * it offers the extension, and requests the proxy once both sides have sent their suboptions.
 */
import type { Socket } from "node:net";

import { identityAnswer, suboption, telnetOption, type VmIdentity, vmwareOption } from "./extension.js";
import { createNegotiation, type Purpose } from "./negotiation.js";
import {
  breakCommand,
  createTelnetDecoder,
  encodeOptions,
  encodeSubnegotiation,
  escapeIac,
  type TelnetEvent,
  will,
} from "./telnet.js";
import { createVmotionRequest } from "./vmotionRequest.js";

export interface ProxyConnectionOptions {
  readonly socket: Socket;
  readonly identity: VmIdentity;
  readonly serviceUri: string;
  readonly direction: string;
  readonly order: "captured" | "documented";
  /** Of a vMotion whose destination this is: what the source was given. */
  readonly peer?: { readonly sequence: Buffer; readonly secret: Buffer };
  readonly onData: (bytes: Buffer) => void;
  readonly onBreak: () => void;
  readonly onDrain: () => void;
  readonly onClose: () => void;
}

export interface ProxyConnection {
  /** Resolves once the concentrator takes the VM (WILL-PROXY, VMOTION-PEER-OK); rejects with the reason why it does not. */
  readonly established: Promise<void>;
  /** false: wait for onDrain. */
  readonly write: (bytes: Buffer) => boolean;
  /** Resolves with the secret; rejects where the concentrator says no, or nothing in time. */
  readonly beginVmotion: (sequence: Buffer, timeoutMs: number) => Promise<Buffer>;
  readonly completeVmotion: (sequence: Buffer) => void;
  readonly abortVmotion: () => void;
  readonly end: () => void;
  readonly destroy: () => void;
}

/** A concentrator that says nothing for longer is none, ms. */
const negotiationTimeoutMs = 10_000;
const closedByConcentrator = "the concentrator has closed the connection";

export function createProxyConnection(options: ProxyConnectionOptions): ProxyConnection {
  const { socket, identity, peer, order } = options;
  const decode = createTelnetDecoder();
  const { established, taken, refuse, close } = createEstablishment(socket);
  const send = (code: number, bytes: Buffer = Buffer.alloc(0)): boolean =>
    socket.write(encodeSubnegotiation(vmwareOption, Buffer.concat([Buffer.of(code), bytes])));

  const vmotion = createVmotionRequest(send);
  const negotiation = createNegotiation({
    order,
    write: (bytes) => void socket.write(bytes),
    sendSuboption: send,
    purpose: purposeOf(options),
    onRefused: refuse,
  });

  function onSuboption(code: number, bytes: Buffer): void {
    const answer = identityAnswer(code, identity);
    if (answer) {
      socket.write(encodeSubnegotiation(vmwareOption, answer));
      return;
    }
    switch (code) {
      case suboption.knownByProxy:
        negotiation.onKnown();
        break;
      case suboption.willProxy:
        taken();
        socket.write(encodeOptions(will, telnetOption.comPort));
        break;
      case suboption.wontProxy:
        refuse("the concentrator does not take the VM");
        break;
      case suboption.vmotionPeerOk:
        if (peer?.sequence.equals(bytes) === true) {
          taken();
        }
        break;
      case suboption.vmotionGoAhead:
        vmotion.onGoAhead(bytes);
        break;
      case suboption.vmotionNotNow:
        vmotion.fail("the concentrator says: not now");
        break;
      case suboption.unknownToProxy:
        onUnknown(bytes[0]);
        break;
      case suboption.unknownToVm:
        break;
      default:
        send(suboption.unknownToVm, Buffer.of(code));
    }
  }

  function onUnknown(code: number | undefined): void {
    if (code === suboption.vmotionBegin) {
      vmotion.fail("the concentrator knows no vMotion");
    } else if (code === suboption.vmotionPeer || code === suboption.doProxy) {
      refuse("the concentrator does not know what it is asked for");
    }
  }

  function onEvent(event: TelnetEvent): void {
    switch (event.kind) {
      case "data":
        options.onData(event.bytes);
        break;
      case "option":
        negotiation.onOption(event.verb, event.option);
        break;
      case "subnegotiation":
        if (event.option === vmwareOption && event.bytes.length > 0) {
          onSuboption(event.bytes[0] ?? 0, event.bytes.subarray(1));
        }
        break;
      case "command":
        if (event.code === breakCommand) {
          options.onBreak();
        }
    }
  }

  socket.on("data", (chunk: Buffer) => {
    try {
      decode(chunk).forEach(onEvent);
    } catch {
      socket.destroy();
    }
  });
  socket.on("drain", options.onDrain);
  // The concentrator has hung up: further output of the VM is lost.
  socket.on("end", () => socket.end());
  socket.on("close", () => {
    negotiation.close();
    close(closedByConcentrator);
    vmotion.fail(closedByConcentrator);
    options.onClose();
  });
  negotiation.begin();

  return {
    established,
    write: (bytes) => socket.write(escapeIac(bytes)),
    beginVmotion: vmotion.begin,
    completeVmotion: (sequence) => void send(suboption.vmotionComplete, sequence),
    abortVmotion: () => void send(suboption.vmotionAbort),
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  };
}

function purposeOf({ peer, direction, serviceUri }: ProxyConnectionOptions): Purpose {
  return peer
    ? { code: suboption.vmotionPeer, bytes: Buffer.concat([peer.sequence, peer.secret]) }
    : { code: suboption.doProxy, bytes: Buffer.from(`${direction === "client" ? "C" : "S"}${serviceUri}`) };
}

interface Establishment {
  /** Rejects with the reason why the concentrator does not take the VM. */
  readonly established: Promise<void>;
  readonly taken: () => void;
  /** Destroys the connection. */
  readonly refuse: (reason: string) => void;
  /** The connection is closed. */
  readonly close: (reason: string) => void;
}

function createEstablishment(socket: Socket): Establishment {
  let settle: (refusal?: Error) => void = () => undefined;
  const established = new Promise<void>((resolve, reject) => {
    settle = (refusal) => (refusal ? reject(refusal) : resolve());
  });
  established.catch(() => undefined);
  const timer = setTimeout(() => refuse("the concentrator does not answer"), negotiationTimeoutMs);

  function refuse(reason: string): void {
    settle(new Error(reason));
    socket.destroy();
  }

  return {
    established,
    taken: () => {
      clearTimeout(timer);
      settle();
    },
    refuse,
    close: (reason) => {
      clearTimeout(timer);
      settle(new Error(reason));
    },
  };
}
