/** A VM at the concentrator: who it is, what its serial port says, and where it goes in a vMotion. */
import type { Duplex } from "node:stream";

import { breakSequence, escapeData } from "../../protocol/telnet/bytes.js";
import type { Migrations } from "../../protocol/telnet/migrations.js";
import type { VmIdentity } from "../../protocol/telnet/vmIdentity.js";
import { createVmSession, type VmEffect } from "../../protocol/telnet/vmSession.js";
import { codes, encodeProxyMessage } from "../../protocol/telnet/vmwareExtension.js";
import type { Limbo } from "./limbo.js";
import type { Line } from "./line.js";
import type { SerialConnection } from "./serialConnection.js";
import type { Match } from "./servedConsoles.js";

/** How long a VM may take to answer who it is before its token alone must do, ms. */
const answersBoundMs = 3_000;
/** What an unknown connection may send, and what a VM may say before its turn comes, bytes. */
const mostEarlyBytes = 65_536;
/** Maximum unread answers; a peer that does not read them is not a VM, bytes. */
const mostWaitingBytes = 1_048_576;
/** How long input waits for a vMotion, ms: the VM still runs at the source. */
const holdBoundMs = 300_000;
/** How long the destination of a vMotion may be silent about its end, ms. */
const destinationBoundMs = 900_000;
/** The source of a vMotion that is over says nothing new for so long: all of it is read, ms. */
const quietMs = 500;
/** How long a connection that we closed may take to be closed by the other end, ms. */
const closeBoundMs = 5_000;

export interface VmConnectionOptions {
  /** TCP or TLS. */
  readonly socket: Duplex;
  readonly from: string;
  readonly isEncrypted: boolean;
  readonly limbo: Limbo;
  readonly migrations: Migrations<VmConnection>;
  readonly isKnown: (serviceUri: string) => boolean;
  readonly match: (identity: VmIdentity) => Match;
  /** A connection was refused, and why: half a sentence. */
  readonly onRefused: (reason: string, identity?: VmIdentity) => void;
}

export interface VmConnection extends SerialConnection {
  readonly line: Line | undefined;
  /** Its vMotion is over: what it still says is read, then `then` is called. */
  readonly retire: (then: () => void) => void;
  /** It is gone, and so is where the VM was to go. */
  readonly giveUp: (reason: string) => void;
}

type Phase =
  /** Unknown. */
  | "limbo"
  | "serving"
  /** Of a vMotion that is under way. */
  | "destination"
  /** The destination has taken over, and waits for the remaining output of the source. */
  | "arriving"
  /** The source, after its vMotion. */
  | "retiring"
  | "closed";

export function createVmConnection(options: VmConnectionOptions): VmConnection {
  const { socket, from, isEncrypted, limbo, migrations, match, onRefused } = options;
  const session = createVmSession({ isExpected: options.isKnown });
  let phase: Phase = "limbo";
  let line: Line | undefined;
  let isProven = false;
  /** Serial data that came before its turn. */
  let early: Buffer[] = [];
  const received: Buffer[] = [];
  let receivedBytes = 0;
  let isApplying = false;
  let earlyBytes = 0;
  let closeReason: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isHeldBack = false;
  let retired = (): void => undefined;

  const leaveLimbo = limbo.enter((reason) => refuse(reason));

  /** False: there is enough for now. */
  function send(bytes: Uint8Array): boolean {
    return !socket.writable || bytes.length === 0 || socket.write(bytes);
  }

  function wait(ms: number, then: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  }

  function refuse(reason: string, identity?: VmIdentity): void {
    if (phase === "closed") {
      return;
    }
    phase = "closed";
    onRefused(reason, identity);
    if (identity !== undefined) {
      send(session.refuse());
    }
    end();
  }

  function end(): void {
    socket.end();
    wait(closeBoundMs, () => socket.destroy());
  }

  function fail(reason: string): void {
    closeReason = reason;
    if (phase === "limbo") {
      refuse(reason);
    } else {
      socket.destroy();
    }
  }

  function flushEarly(): void {
    const waiting = early;
    early = [];
    earlyBytes = 0;
    waiting.forEach((bytes) => line?.received(connection, bytes));
  }

  function identified(identity: VmIdentity): void {
    if (phase !== "limbo") {
      return;
    }
    clearTimeout(timer);
    const found = match(identity);
    if ("refusal" in found) {
      refuse(found.refusal, identity);
      return;
    }
    if (found.line.connection !== undefined && !found.isProven) {
      refuse("its serial port is connected already, and it has no token that proves that it is the same VM", identity);
      return;
    }
    leaveLimbo();
    phase = "serving";
    line = found.line;
    isProven = found.isProven;
    send(session.accept());
    line.connect(connection);
    flushEarly();
  }

  function begin(sequence: Buffer): void {
    if (phase !== "serving") {
      send(encodeProxyMessage(codes.VMOTION_NOTNOW, sequence));
      return;
    }
    const { secret, replaced } = migrations.begin(connection, sequence);
    replaced?.destination?.destroy();
    line?.holdInput(true);
    // Behind all that was typed before.
    send(encodeProxyMessage(codes.VMOTION_GOAHEAD, sequence, secret));
    wait(holdBoundMs, () => line?.holdInput(false));
  }

  function join(sequence: Buffer, secret: Buffer): void {
    const migration = phase === "limbo" ? migrations.join(connection, sequence, secret) : undefined;
    if (migration === undefined) {
      send(encodeProxyMessage(codes.UNKNOWN_SUBOPTION_RCVD_2, Buffer.from([codes.VMOTION_PEER])));
      return;
    }
    leaveLimbo();
    phase = "destination";
    isProven = true;
    line = migration.source.line;
    wait(destinationBoundMs, () => fail("the vMotion did not end"));
    send(encodeProxyMessage(codes.VMOTION_PEER_OK, sequence));
  }

  function complete(sequence: Buffer): void {
    const migration = migrations.complete(connection, sequence);
    if (migration === undefined) {
      return;
    }
    clearTimeout(timer);
    phase = "arriving";
    line?.moveTo(connection);
    migration.source.retire(() => {
      phase = "serving";
      flushEarly();
      if (!isHeldBack) {
        socket.resume();
      }
    });
  }

  function abort(): void {
    const migration = migrations.abort(connection);
    if (migration !== undefined) {
      clearTimeout(timer);
      migration.destination?.destroy();
      line?.holdInput(false);
    }
  }

  /** What waits because the console is full is not read yet. */
  function quiet(): void {
    if (isHeldBack) {
      wait(quietMs, quiet);
    } else {
      retired();
    }
  }

  function data(bytes: Buffer): void {
    if (phase === "serving" || phase === "retiring") {
      line?.received(connection, bytes);
      if (phase === "retiring") {
        wait(quietMs, quiet);
      }
    } else if (phase !== "closed") {
      early.push(Buffer.from(bytes));
      earlyBytes += bytes.length;
      if (phase === "arriving") {
        socket.pause();
      } else if (earlyBytes > mostEarlyBytes) {
        fail("it sends too much before its turn");
      }
    }
  }

  function apply(effect: VmEffect): void {
    switch (effect.type) {
      case "send":
        send(effect.bytes);
        break;
      case "data":
        data(effect.bytes);
        break;
      case "asked":
        wait(answersBoundMs, settle);
        break;
      case "identified":
        identified(effect.identity);
        break;
      case "begin":
        begin(effect.sequence);
        break;
      case "peer":
        join(effect.sequence, effect.secret);
        break;
      case "complete":
        complete(effect.sequence);
        break;
      case "abort":
        abort();
        break;
      case "fault":
        fail(`it ${effect.reason}`);
        break;
    }
  }

  /** A write to a TLS socket may deliver what it has received before it returns: that has to wait for its turn. */
  function applyAll(effects: readonly VmEffect[]): void {
    isApplying = true;
    for (const effect of effects) {
      if (phase !== "closed") {
        apply(effect);
      }
    }
    isApplying = false;
    if (socket.writableLength > mostWaitingBytes) {
      fail("it does not read what it is sent");
    }
  }

  function settle(): void {
    applyAll(session.settle());
    receive(Buffer.alloc(0));
  }

  function receive(chunk: Buffer): void {
    received.push(chunk);
    while (!isApplying) {
      const next = received.shift();
      if (next === undefined) {
        return;
      }
      receiveNext(next);
    }
  }

  function receiveNext(chunk: Buffer): void {
    receivedBytes += chunk.length;
    applyAll(session.receive(chunk));
    if (phase === "limbo" && receivedBytes > mostEarlyBytes) {
      fail("its connection ended during a vMotion");
    }
  }

  function closed(): void {
    const before = phase;
    phase = "closed";
    clearTimeout(timer);
    leaveLimbo();
    const migration = migrations.of(connection);
    const over = migrations.forget(connection);
    if (before === "retiring") {
      retired();
      line?.closed(connection);
    } else if (before === "serving" || before === "arriving") {
      flushEarly();
      if (line?.connection !== connection) {
        migration?.destination?.destroy();
      } else if (migration?.destination === undefined) {
        line.closed(connection, closeReason);
      }
    } else if (before === "destination" && over !== undefined) {
      over.source.giveUp("its vMotion was given up");
    }
  }

  const connection: VmConnection = {
    from,
    isEncrypted,
    get isProven() {
      return isProven;
    },
    get line() {
      return line;
    },
    write: (bytes) => send(escapeData(bytes)),
    sendBreak: () => {
      send(breakSequence);
      return true;
    },
    pause: () => {
      isHeldBack = true;
      socket.pause();
    },
    resume: () => {
      isHeldBack = false;
      if (phase !== "arriving" || earlyBytes === 0) {
        socket.resume();
      }
    },
    end,
    destroy: () => void socket.destroy(),
    retire: (then) => {
      retired = (): void => {
        retired = (): void => undefined;
        socket.destroy();
        then();
      };
      if (phase === "closed") {
        line?.closed(connection);
        retired();
        return;
      }
      phase = "retiring";
      socket.end();
      wait(quietMs, quiet);
    },
    giveUp: (reason) => line?.closed(connection, reason),
  };

  socket.on("data", receive);
  socket.on("drain", () => line?.drained(connection));
  socket.on("error", (error) => (closeReason ??= error.message));
  socket.on("close", closed);
  applyAll(session.open());
  return connection;
}
