/**
 * How a VM and a concentrator come together on a connection: telnet options, the suboptions that each knows, and what
 * the VM wants.
 */
import { knownSuboptions, suboption, telnetOption, vmwareOption } from "./extension.js";
import { doIt, dont, encodeOptions, will, wont } from "./telnet.js";

/** What the connection is for: DO-PROXY or VMOTION-PEER. */
export interface Purpose {
  readonly code: number;
  readonly bytes: Buffer;
}

export interface NegotiationOptions {
  readonly order: "captured" | "documented";
  readonly write: (bytes: Buffer) => void;
  readonly sendSuboption: (code: number, bytes: Buffer) => void;
  readonly purpose: Purpose;
  readonly onRefused: (reason: string) => void;
}

export interface Negotiation {
  readonly begin: () => void;
  readonly onOption: (verb: number, option: number) => void;
  /** KNOWN-SUBOPTIONS-2 has come. */
  readonly onKnown: () => void;
  readonly close: () => void;
}

/** A concentrator may wait for KNOWN-SUBOPTIONS-1 before it sends its own, ms. */
const knownPatienceMs = 200;

const accepted: readonly number[] = [telnetOption.binary, telnetOption.suppressGoAhead, telnetOption.echo];
const offered: readonly number[] = [telnetOption.binary, telnetOption.suppressGoAhead, vmwareOption];

export function createNegotiation(options: NegotiationOptions): Negotiation {
  const { order, write, sendSuboption, purpose, onRefused } = options;
  /** Options that both sides have settled: the answer is not repeated. */
  const settledByUs = new Set<number>();
  const settledByThem = new Set<number>();
  let hasIntroduced = false;
  let hasStated = false;
  let knownTimer: NodeJS.Timeout | undefined;

  /** KNOWN-SUBOPTIONS-1 */
  function introduce(): void {
    clearTimeout(knownTimer);
    if (!hasIntroduced) {
      hasIntroduced = true;
      sendSuboption(suboption.knownByVm, knownSuboptions);
      if (order === "captured") {
        state();
      }
    }
  }

  function state(): void {
    if (!hasStated) {
      hasStated = true;
      sendSuboption(purpose.code, purpose.bytes);
    }
  }

  return {
    begin: () => write(encodeOptions(will, order === "captured" ? telnetOption.authentication : vmwareOption)),
    onOption: (verb, option) => {
      if (verb === doIt && !settledByUs.has(option)) {
        settledByUs.add(option);
        if (!(order === "documented" && option === vmwareOption)) {
          write(encodeOptions(offered.includes(option) ? will : wont, option));
        }
        if (option === vmwareOption) {
          knownTimer = setTimeout(introduce, order === "captured" ? knownPatienceMs : 0);
        }
      } else if (verb === will && !settledByThem.has(option)) {
        settledByThem.add(option);
        write(encodeOptions(accepted.includes(option) ? doIt : dont, option));
      } else if (verb === dont && option === vmwareOption) {
        onRefused("the other end is no concentrator");
      }
    },
    onKnown: () => {
      introduce();
      state();
    },
    close: () => clearTimeout(knownTimer),
  };
}
