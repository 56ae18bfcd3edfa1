/** Checks that a child process responds, by pinging it repeatedly. */

export interface HeartbeatOptions {
  readonly ask: () => void;
  /** It has not answered for some seconds. */
  readonly onSilence: () => void;
  /** It has answered again. */
  readonly onReturn: () => void;
  /** It is considered dead. */
  readonly onLoss: () => void;
}

export interface Heartbeat {
  /** Any message shows that it works. */
  readonly answered: () => void;
  readonly stop: () => void;
}

const beatMs = 1_000;
/** Pings without an answer. They are counted, not timed: a host that was suspended has not waited. */
const silentAfter = 2;
const lostAfter = 6;
/** Before its first message a process loads its code, which takes long on a busy host. */
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
