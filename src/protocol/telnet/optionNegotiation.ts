/** Telnet options of a connection (RFC 854, RFC 1143): answers only what changes something, so that no loop can begin. */
import { encodeOption, options, type Verb } from "./bytes.js";

/** What each end does when all is agreed, in the order in which a VM expects it. */
export interface TelnetRoles {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** Of a concentrator, which a VM takes for a telnet server. */
export const concentratorRoles: TelnetRoles = {
  ours: [options.BINARY, options.SGA, options.ECHO],
  theirs: [options.BINARY, options.SGA, options.VMWARE],
};

/** Without one: the guest echoes what is typed, as behind a terminal server. */
export const directRoles: TelnetRoles = {
  ours: [options.BINARY, options.SGA],
  theirs: [options.BINARY, options.SGA, options.ECHO],
};

export interface OptionNegotiation {
  /** What we offer and ask for: a VM says nothing of itself before that. */
  readonly opening: () => Buffer;
  /** The answer; undefined where none is due. */
  readonly receive: (verb: Verb, option: number) => Buffer | undefined;
}

export function createOptionNegotiation({ ours, theirs }: TelnetRoles): OptionNegotiation {
  const enabled = { ours: new Set(ours), theirs: new Set(theirs) };

  function answer(side: "ours" | "theirs", isOn: boolean, option: number): Buffer | undefined {
    const [yes, no] = side === "ours" ? (["WILL", "WONT"] as const) : (["DO", "DONT"] as const);
    const isWanted = isOn && (side === "ours" ? ours : theirs).includes(option);
    if (isWanted === enabled[side].has(option)) {
      return isOn && !isWanted ? encodeOption(no, option) : undefined;
    }
    if (isWanted) {
      enabled[side].add(option);
    } else {
      enabled[side].delete(option);
    }
    return encodeOption(isWanted ? yes : no, option);
  }

  return {
    opening: () =>
      Buffer.concat([
        ...ours.map((option) => encodeOption("WILL", option)),
        ...theirs.map((option) => encodeOption("DO", option)),
      ]),
    receive: (verb, option) =>
      verb === "DO" || verb === "DONT"
        ? answer("ours", verb === "DO", option)
        : answer("theirs", verb === "WILL", option),
  };
}
