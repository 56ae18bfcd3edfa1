/** Who a new connection at the concentrator is: it waits in limbo until it is known, and is then served or refused. */
import type { VmIdentity } from "../../protocol/telnet/vmIdentity.js";
import type { VmSession } from "../../protocol/telnet/vmSession.js";
import type { Limbo } from "./limbo.js";
import type { Line } from "./line.js";
import type { Match } from "./servedConsoles.js";
import type { VmSocket } from "./vmSocket.js";
import type { VmState } from "./vmState.js";

export interface VmAdmissionOptions {
  readonly state: VmState;
  readonly socket: VmSocket;
  readonly session: VmSession;
  readonly limbo: Limbo;
  readonly match: (identity: VmIdentity) => Match;
  /** Half a sentence. */
  readonly onRefused: (reason: string, identity?: VmIdentity) => void;
  /** The VM has been told that it is served. */
  readonly onAccepted: (line: Line) => void;
}

export interface VmAdmission {
  readonly leaveLimbo: () => void;
  readonly refuse: (reason: string, identity?: VmIdentity) => void;
  readonly identified: (identity: VmIdentity) => void;
}

export function createVmAdmission(options: VmAdmissionOptions): VmAdmission {
  const { state, socket, session, limbo, match, onRefused, onAccepted } = options;
  const leaveLimbo = limbo.enter((reason) => refuse(reason));

  function refuse(reason: string, identity?: VmIdentity): void {
    if (state.phase === "closed") {
      return;
    }
    state.phase = "closed";
    onRefused(reason, identity);
    if (identity !== undefined) {
      socket.send(session.refuse());
    }
    socket.end();
  }

  return {
    leaveLimbo,
    refuse,
    identified: (identity) => {
      if (state.phase !== "limbo") {
        return;
      }
      socket.stopWaiting();
      const found = match(identity);
      if ("refusal" in found) {
        refuse(found.refusal, identity);
        return;
      }
      const { line, isProven } = found;
      if (line.connection !== undefined && !isProven) {
        refuse(
          "its serial port is connected already, and it has no token that proves that it is the same VM",
          identity,
        );
        return;
      }
      leaveLimbo();
      state.phase = "serving";
      state.line = line;
      state.isProven = isProven;
      socket.send(session.accept());
      onAccepted(line);
    },
  };
}
