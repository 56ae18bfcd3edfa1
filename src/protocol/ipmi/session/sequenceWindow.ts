/** Sliding window over session sequence numbers (IPMI 2.0 §6.12.13): accepts every number at most once. */

/** Maximum distance of a packet from the highest number seen. */
export interface WindowReach {
  readonly ahead: number;
  /** Maximum 30. */
  readonly behind: number;
}

/** 32 counts for RMCP+. */
export const rmcpPlusReach: WindowReach = { ahead: 15, behind: 16 };
export const ipmi15Reach: WindowReach = { ahead: 8, behind: 8 };

const modulus = 0x1_0000_0000;

export interface SequenceWindow {
  /**
   * Registers `sequence` (unsigned 32 bits) and returns whether its packet is accepted. Call it for verified packets
   * only.
   */
  readonly accept: (sequence: number) => boolean;
}

/** The window of a new session: `last` is the number before the first one that the session expects. */
export function createSequenceWindow({ ahead, behind }: WindowReach, last = 0): SequenceWindow {
  const wholeWindow = 2 ** (behind + 1) - 1;
  let highest = last;
  /** Bit n: the number `highest - n` was seen, or precedes the session. */
  let seen = wholeWindow;

  return {
    accept: (sequence) => {
      if (sequence === 0) {
        return false;
      }
      const steps = (sequence - highest + modulus) % modulus;
      if (steps > 0 && steps <= ahead) {
        // Number 0 does not exist: a window that wraps past it counts one step too many, which is harmless.
        seen = ((seen << steps) | 1) & wholeWindow;
        highest = sequence;
        return true;
      }
      const age = (modulus - steps) % modulus;
      if (age > behind || (seen & (1 << age)) !== 0) {
        return false;
      }
      seen |= 1 << age;
      return true;
    },
  };
}
