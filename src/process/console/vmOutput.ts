/** What a VM's serial port says on its connection: it goes to the line in its turn, also around a vMotion. */
import type { VmSocket } from "./vmSocket.js";
import type { VmConnection, VmState } from "./vmState.js";

/** What a VM may say before its turn comes, bytes. */
const maxEarlyBytes = 65_536;
/** The source of a vMotion that is over says nothing new for so long: all of it is read, ms. */
const quietMs = 500;

export interface VmOutputOptions {
  readonly state: VmState;
  readonly socket: VmSocket;
  /** Whose output it is. */
  readonly connection: () => VmConnection;
  /** @param reason half a sentence */
  readonly onFault: (reason: string) => void;
}

export interface VmOutput {
  readonly received: (bytes: Buffer) => void;
  /** Its turn has come: what was said before it is passed on. */
  readonly flush: () => void;
  /** The console is full. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** The vMotion from here is over: what is still said is read, then `then` is called. */
  readonly retire: (then: () => void) => void;
  /** All of it is read, or its connection is gone. */
  readonly retired: () => void;
  /** The vMotion to here is over, and the source has said all. */
  readonly arrive: () => void;
}

export function createVmOutput({ state, socket, connection, onFault }: VmOutputOptions): VmOutput {
  let early: Buffer[] = [];
  let earlyBytes = 0;
  let isHeldBack = false;
  let retired = (): void => undefined;

  function flush(): void {
    const waiting = early;
    early = [];
    earlyBytes = 0;
    waiting.forEach((bytes) => state.line?.received(connection(), bytes));
  }

  /** What waits because the console is full is not read yet. */
  function quiet(): void {
    if (isHeldBack) {
      socket.wait(quietMs, quiet);
    } else {
      retired();
    }
  }

  function keep(bytes: Buffer): void {
    early.push(Buffer.from(bytes));
    earlyBytes += bytes.length;
    if (state.phase === "arriving") {
      socket.pause();
    } else if (earlyBytes > maxEarlyBytes) {
      onFault("it sends too much before its turn");
    }
  }

  return {
    received: (bytes) => {
      if (state.phase === "serving" || state.phase === "retiring") {
        state.line?.received(connection(), bytes);
        if (state.phase === "retiring") {
          socket.wait(quietMs, quiet);
        }
      } else if (state.phase !== "closed") {
        keep(bytes);
      }
    },
    flush,
    pause: () => {
      isHeldBack = true;
      socket.pause();
    },
    resume: () => {
      isHeldBack = false;
      if (state.phase !== "arriving" || earlyBytes === 0) {
        socket.resume();
      }
    },
    retire: (then) => {
      retired = (): void => {
        retired = (): void => undefined;
        socket.destroy();
        then();
      };
      if (state.phase === "closed") {
        state.line?.closed(connection());
        retired();
        return;
      }
      state.phase = "retiring";
      socket.end();
      socket.wait(quietMs, quiet);
    },
    retired: () => retired(),
    arrive: () => {
      state.phase = "serving";
      flush();
      if (!isHeldBack) {
        socket.resume();
      }
    },
  };
}
