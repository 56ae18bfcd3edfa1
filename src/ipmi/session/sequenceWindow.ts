/** Sliding window over session sequence numbers (IPMI 2.0 §6.12.13): every number is accepted once at the most. */

/** How far ahead of the highest number seen a packet may be, and how far behind it: RMCP+ and IPMI 1.5. */
export const rmcpPlusReach = 16;
export const ipmi15Reach = 8;
const wholeWindow = 0x1_ffff;
const modulus = 0x1_0000_0000;

export interface SequenceWindow {
  /** Takes note of `sequence` (unsigned 32 bits) and tells whether its packet may run. Call it for verified packets only. */
  readonly accept: (sequence: number) => boolean;
}

/** A window of a new session: `last` is the number before the first one that the session expects. */
export function createSequenceWindow(reach: number, last = 0): SequenceWindow {
  let highest = last;
  /** Bit n: the number `highest - n` was seen, or is from before the session. */
  let seen = wholeWindow;

  return {
    accept: (sequence) => {
      if (sequence === 0) {
        return false;
      }
      const ahead = (sequence - highest + modulus) % modulus;
      if (ahead > 0 && ahead <= reach) {
        // Number 0 does not exist: a window that wraps past it counts one step too many, which costs nothing.
        seen = ((seen << ahead) | 1) & wholeWindow;
        highest = sequence;
        return true;
      }
      const behind = (modulus - ahead) % modulus;
      if (behind > reach || (seen & (1 << behind)) !== 0) {
        return false;
      }
      seen |= 1 << behind;
      return true;
    },
  };
}
