/**
 * One connection of a VM to a virtual serial port concentrator. `captured`, like an ESXi host: it offers option 37, and
 * waits for the concentrator to start. `documented`, as in VMware's "Using a Proxy with vSphere Virtual Serial Ports":
 * it offers the extension, and requests the proxy once both sides have sent their suboptions.
 */
import type { Socket } from "node:net";

import {
  identityAnswer,
  knownSuboptions,
  suboption,
  telnetOption,
  type VmIdentity,
  vmwareOption,
} from "./extension.js";
import {
  breakCommand,
  createTelnetDecoder,
  doIt,
  dont,
  encodeOptions,
  encodeSubnegotiation,
  escapeIac,
  type TelnetEvent,
  will,
  wont,
} from "./telnet.js";

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
  readonly beginVmotion: (sequence: Buffer, limitMs: number) => Promise<Buffer>;
  readonly completeVmotion: (sequence: Buffer) => void;
  readonly abortVmotion: () => void;
  readonly end: () => void;
  readonly destroy: () => void;
}

/** A concentrator that says nothing for longer is none, ms. */
const negotiationLimitMs = 10_000;
/** A concentrator may wait for KNOWN-SUBOPTIONS-1 before it sends its own, ms. */
const knownPatienceMs = 200;

const accepted: readonly number[] = [telnetOption.binary, telnetOption.suppressGoAhead, telnetOption.echo];
const offered: readonly number[] = [telnetOption.binary, telnetOption.suppressGoAhead, vmwareOption];

export function createProxyConnection(options: ProxyConnectionOptions): ProxyConnection {
  const { socket, identity, peer, order } = options;
  const decode = createTelnetDecoder();
  /** Options that both sides have settled: the answer is not repeated. */
  const settledByUs = new Set<number>();
  const settledByThem = new Set<number>();
  let hasIntroduced = false;
  let hasStated = false;
  let goAhead: { readonly sequence: Buffer; readonly settle: (answer: Buffer | Error) => void } | undefined;
  let take: (refusal?: Error) => void = () => undefined;
  const established = new Promise<void>((resolve, reject) => {
    take = (refusal) => (refusal ? reject(refusal) : resolve());
  });
  established.catch(() => undefined);
  const negotiationTimer = setTimeout(() => refuse("the concentrator does not answer"), negotiationLimitMs);
  let knownTimer: NodeJS.Timeout | undefined;

  const send = (code: number, bytes: Buffer = Buffer.alloc(0)): boolean =>
    socket.write(encodeSubnegotiation(vmwareOption, Buffer.concat([Buffer.of(code), bytes])));

  function refuse(reason: string): void {
    take(new Error(reason));
    socket.destroy();
  }

  /** KNOWN-SUBOPTIONS-1 */
  function introduce(): void {
    clearTimeout(knownTimer);
    if (!hasIntroduced) {
      hasIntroduced = true;
      send(suboption.knownByVm, knownSuboptions);
      if (order === "captured") {
        state();
      }
    }
  }

  /** What the connection is for. */
  function state(): void {
    if (hasStated) {
      return;
    }
    hasStated = true;
    if (peer) {
      send(suboption.vmotionPeer, Buffer.concat([peer.sequence, peer.secret]));
    } else {
      send(suboption.doProxy, Buffer.from(`${options.direction === "client" ? "C" : "S"}${options.serviceUri}`));
    }
  }

  function onOption(verb: number, option: number): void {
    if (verb === doIt && !settledByUs.has(option)) {
      settledByUs.add(option);
      if (!(order === "documented" && option === vmwareOption)) {
        socket.write(encodeOptions(offered.includes(option) ? will : wont, option));
      }
      if (option === vmwareOption) {
        knownTimer = setTimeout(introduce, order === "captured" ? knownPatienceMs : 0);
      }
    } else if (verb === will && !settledByThem.has(option)) {
      settledByThem.add(option);
      socket.write(encodeOptions(accepted.includes(option) ? doIt : dont, option));
    } else if (verb === dont && option === vmwareOption) {
      refuse("the other end is no concentrator");
    }
  }

  function onTaken(): void {
    clearTimeout(negotiationTimer);
    take();
  }

  function onSuboption(code: number, bytes: Buffer): void {
    const answer = identityAnswer(code, identity);
    if (answer) {
      socket.write(encodeSubnegotiation(vmwareOption, answer));
      return;
    }
    switch (code) {
      case suboption.knownByProxy:
        introduce();
        state();
        break;
      case suboption.willProxy:
        onTaken();
        socket.write(encodeOptions(will, telnetOption.comPort));
        break;
      case suboption.wontProxy:
        refuse("the concentrator does not take the VM");
        break;
      case suboption.vmotionPeerOk:
        if (peer?.sequence.equals(bytes) === true) {
          onTaken();
        }
        break;
      case suboption.vmotionGoAhead:
        if (goAhead && bytes.subarray(0, goAhead.sequence.length).equals(goAhead.sequence)) {
          goAhead.settle(bytes.subarray(goAhead.sequence.length));
        }
        break;
      case suboption.vmotionNotNow:
        goAhead?.settle(new Error("the concentrator says: not now"));
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
      goAhead?.settle(new Error("the concentrator knows no vMotion"));
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
        onOption(event.verb, event.option);
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
    clearTimeout(negotiationTimer);
    clearTimeout(knownTimer);
    take(new Error("the concentrator has closed the connection"));
    goAhead?.settle(new Error("the concentrator has closed the connection"));
    options.onClose();
  });
  socket.write(encodeOptions(will, order === "captured" ? telnetOption.authentication : vmwareOption));

  return {
    established,
    write: (bytes) => socket.write(escapeIac(bytes)),
    beginVmotion: (sequence, limitMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => goAhead?.settle(new Error("the concentrator did not acknowledge within the allowed time")),
          limitMs,
        );
        goAhead = {
          sequence,
          settle: (answer) => {
            clearTimeout(timer);
            goAhead = undefined;
            if (answer instanceof Error) {
              reject(answer);
            } else {
              resolve(answer);
            }
          },
        };
        send(suboption.vmotionBegin, sequence);
      }),
    completeVmotion: (sequence) => void send(suboption.vmotionComplete, sequence),
    abortVmotion: () => void send(suboption.vmotionAbort),
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  };
}
