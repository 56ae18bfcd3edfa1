/** Whether a process of ours is still at work, and not only there: it is asked again and again, and has to answer. */

export interface HeartbeatOptions {
  readonly ask: () => void;
  /** It has not answered for some seconds. */
  readonly onSilence: () => void;
  /** It has answered after all. */
  readonly onReturn: () => void;
  /** It will not answer any more. */
  readonly onLoss: () => void;
}

export interface Heartbeat {
  /** Whatever it says shows that it is at work. */
  readonly answered: () => void;
  readonly stop: () => void;
}

const beatMs = 1_000;
/** Beats without an answer. They are counted, not timed: a host that was suspended has not waited. */
const silentAfter = 2;
const lostAfter = 6;
/** Before its first word a process loads, on a busy host at leisure. */
const lostBeforeFirstAnswer = 60;

export function startHeartbeat({ ask, onSilence, onReturn, onLoss }: HeartbeatOptions): Heartbeat {
  let hasAnswered = false;
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered === 0) {
      ask();
    }
    unanswered++;
    if (hasAnswered && unanswered === silentAfter + 1) {
      onSilence();
    }
    if (unanswered === (hasAnswered ? lostAfter : lostBeforeFirstAnswer) + 1) {
      onLoss();
    }
  }, beatMs);
  return {
    answered: () => {
      hasAnswered = true;
      const wasSilent = unanswered > silentAfter;
      unanswered = 0;
      if (wasSilent) {
        onReturn();
      }
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
