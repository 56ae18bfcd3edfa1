/**
 * Our end of a VM's connection: negotiates, identifies the VM, and separates serial data from messages. Pure: bytes in,
 * effects out, in order.
 */
import { options } from "./bytes.js";
import { createTelnetDecoder, type TelnetEvent } from "./decoder.js";
import { concentratorRoles, createOptionNegotiation } from "./optionNegotiation.js";
import { canonicalUuid, type VmIdentity } from "./vmIdentity.js";
import { codes, decodeVmMessage, encodeProxyMessage, knownSuboptions, type VmMessage } from "./vmwareExtension.js";

export type VmEffect =
  | { readonly type: "send"; readonly bytes: Buffer }
  /** Of the serial port; views of what was received. */
  | { readonly type: "data"; readonly bytes: Buffer }
  /** The VM wants a proxy, and has been asked who it is: after a while `settle` is to be called. */
  | { readonly type: "asked" }
  /** Once, when the VM has identified itself: answer with `accept` or `refuse`. */
  | { readonly type: "identified"; readonly identity: VmIdentity }
  | { readonly type: "begin" | "complete"; readonly sequence: Buffer }
  | { readonly type: "peer"; readonly sequence: Buffer; readonly secret: Buffer }
  | { readonly type: "abort" }
  /** The other end is no VM that could be served. Half a sentence. */
  | { readonly type: "fault"; readonly reason: string };

export interface VmSession {
  readonly open: () => VmEffect[];
  readonly receive: (chunk: Buffer) => VmEffect[];
  /** The VM has had enough time to answer: `identified` with what is known, if it asked for a proxy at all. */
  readonly settle: () => VmEffect[];
  /** WILL-PROXY, unless it was sent at once. */
  readonly accept: () => Buffer;
  /** WONT-PROXY. */
  readonly refuse: () => Buffer;
}

type Question = "vcUuid" | "biosUuid" | "name";

const questions: readonly { readonly question: Question; readonly get: (typeof codes)[keyof typeof codes] }[] = [
  { question: "vcUuid", get: codes.GET_VM_VC_UUID },
  { question: "biosUuid", get: codes.GET_VM_BIOS_UUID },
  { question: "name", get: codes.GET_VM_NAME },
];

export interface VmSessionOptions {
  /**
   * Whether such a VM is accepted for its service URI alone: it gets the reply immediately, like from other
   * concentrators for ESXi.
   */
  readonly isExpected: (serviceUri: string) => boolean;
}

export function createVmSession({ isExpected }: VmSessionOptions): VmSession {
  const decoder = createTelnetDecoder();
  const negotiation = createOptionNegotiation(concentratorRoles);
  const answers = new Map<Question, string>();
  const open = new Set<Question>();
  let known: readonly number[] | undefined;
  let isKnownSent = false;
  let isAccepted = false;
  let proxy: { readonly direction: string; readonly serviceUri: string } | undefined;
  let isIdentified = false;

  function sendKnown(): VmEffect[] {
    const effects: VmEffect[] = isKnownSent ? [] : [{ type: "send", bytes: knownSuboptions }];
    isKnownSent = true;
    return effects;
  }

  function identifyIfAnswered(): VmEffect[] {
    if (proxy === undefined || isIdentified || open.size > 0) {
      return [];
    }
    isIdentified = true;
    const uuidOf = (question: Question): string | undefined => canonicalUuid(answers.get(question) ?? "");
    const identity = { ...proxy, vcUuid: uuidOf("vcUuid"), biosUuid: uuidOf("biosUuid"), name: answers.get("name") };
    return [{ type: "identified", identity }];
  }

  function onDoProxy(direction: string, serviceUri: string): VmEffect[] {
    if (proxy !== undefined) {
      return isAccepted ? [{ type: "send", bytes: encodeProxyMessage(codes.WILL_PROXY) }] : [];
    }
    proxy = { direction, serviceUri };
    isAccepted = isExpected(serviceUri);
    const asked = questions.filter(({ get }) => known?.includes(get) ?? true);
    asked.forEach(({ question }) => open.add(question));
    const messages = [...(isAccepted ? [codes.WILL_PROXY] : []), ...asked.map(({ get }) => get)];
    return [...send(...messages.map((code) => encodeProxyMessage(code))), { type: "asked" }, ...identifyIfAnswered()];
  }

  function answered(question: Question | undefined): VmEffect[] {
    return question !== undefined && open.delete(question) ? identifyIfAnswered() : [];
  }

  function onMessage(message: VmMessage): VmEffect[] {
    switch (message.type) {
      case "known":
        known ??= message.codes;
        return sendKnown();
      case "unknown":
        return answered(questions.find(({ get }) => get === message.code)?.question);
      case "doProxy":
        return onDoProxy(message.direction, message.serviceUri);
      case "vcUuid":
      case "biosUuid":
      case "name":
        answers.set(message.type, message.text);
        return answered(message.type);
      case "strange":
        return send(encodeProxyMessage(codes.UNKNOWN_SUBOPTION_RCVD_2, Buffer.from([message.code])));
      default:
        return [message];
    }
  }

  function onEvent(event: TelnetEvent): VmEffect[] {
    switch (event.type) {
      case "data":
        return [event];
      case "option": {
        const reply = negotiation.receive(event.verb, event.option);
        const sent: VmEffect[] = reply ? send(reply) : [];
        if (event.option !== options.VMWARE) {
          return sent;
        }
        return event.verb === "WILL"
          ? [...sent, ...sendKnown()]
          : [...sent, ...withoutExtension(event.verb === "WONT")];
      }
      case "subnegotiation": {
        const message = event.option === options.VMWARE ? decodeVmMessage(event.content) : undefined;
        return message ? onMessage(message) : [];
      }
      case "tooLong":
        return [{ type: "fault", reason: "sent a telnet subnegotiation that is longer than any of VMware's" }];
      case "command":
        return [];
    }
  }

  return {
    open: () => send(negotiation.opening()),
    receive: (chunk) => decoder.push(chunk).flatMap(onEvent),
    settle: () => {
      open.clear();
      return identifyIfAnswered();
    },
    accept: () => {
      const bytes = isAccepted ? Buffer.alloc(0) : encodeProxyMessage(codes.WILL_PROXY);
      isAccepted = true;
      return bytes;
    },
    refuse: () => encodeProxyMessage(codes.WONT_PROXY),
  };
}

function withoutExtension(isRefused: boolean): VmEffect[] {
  return isRefused
    ? [{ type: "fault", reason: "does not speak VMware's telnet extension: it cannot say which VM it is" }]
    : [];
}

function send(...messages: readonly Buffer[]): VmEffect[] {
  return messages.length === 0 ? [] : [{ type: "send", bytes: Buffer.concat(messages) }];
}
