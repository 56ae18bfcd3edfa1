/** A VM at the concentrator: who it is, what its serial port says, and where it goes in a vMotion. */
import type { Duplex } from "node:stream";

import { breakSequence, escapeData } from "../../protocol/telnet/bytes.js";
import type { Migrations } from "../../protocol/telnet/migrations.js";
import type { VmIdentity } from "../../protocol/telnet/vmIdentity.js";
import { createVmSession, type VmEffect } from "../../protocol/telnet/vmSession.js";
import type { Limbo } from "./limbo.js";
import type { Match } from "./servedConsoles.js";
import { createVmAdmission } from "./vmAdmission.js";
import { createVmotion } from "./vmotion.js";
import { createVmOutput } from "./vmOutput.js";
import { createVmReader } from "./vmReader.js";
import { createVmSocket } from "./vmSocket.js";
import type { VmConnection, VmState } from "./vmState.js";

/** How long a VM may take to answer who it is before its token alone must do, ms. */
const identityTimeoutMs = 3_000;

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

export function createVmConnection(options: VmConnectionOptions): VmConnection {
  const { from, isEncrypted, limbo, migrations, match, onRefused } = options;
  const session = createVmSession({ isExpected: options.isKnown });
  const state: VmState = { phase: "limbo", line: undefined, isProven: false };
  const socket = createVmSocket(options.socket);
  let closeReason: string | undefined;

  function fail(reason: string): void {
    closeReason = reason;
    if (state.phase === "limbo") {
      admission.refuse(reason);
    } else {
      socket.destroy();
    }
  }

  const shared = { state, socket, session, connection: () => connection, onFault: fail };
  const output = createVmOutput(shared);
  const admission = createVmAdmission({
    ...shared,
    limbo,
    match,
    onRefused,
    onAccepted: (line) => {
      line.connect(connection);
      output.flush();
    },
  });
  const vmotion = createVmotion({ ...shared, output, migrations, leaveLimbo: admission.leaveLimbo });
  const reader = createVmReader({ ...shared, apply });

  function apply(effect: VmEffect): void {
    switch (effect.type) {
      case "send":
        socket.send(effect.bytes);
        break;
      case "data":
        output.received(effect.bytes);
        break;
      case "asked":
        socket.wait(identityTimeoutMs, reader.settle);
        break;
      case "identified":
        admission.identified(effect.identity);
        break;
      case "begin":
        vmotion.begin(effect.sequence);
        break;
      case "peer":
        vmotion.join(effect.sequence, effect.secret);
        break;
      case "complete":
        vmotion.complete(effect.sequence);
        break;
      case "abort":
        vmotion.abort();
        break;
      case "fault":
        fail(`it ${effect.reason}`);
        break;
    }
  }

  function closed(): void {
    const { phase, line } = state;
    state.phase = "closed";
    socket.stopWaiting();
    admission.leaveLimbo();
    const migration = migrations.of(connection);
    const over = migrations.forget(connection);
    if (phase === "retiring") {
      output.retired();
      line?.closed(connection);
    } else if (phase === "serving" || phase === "arriving") {
      output.flush();
      if (line?.connection !== connection) {
        migration?.destination?.destroy();
      } else if (migration?.destination === undefined) {
        line.closed(connection, closeReason);
      }
    } else if (phase === "destination" && over !== undefined) {
      over.source.giveUp("its vMotion was given up");
    }
  }

  const connection: VmConnection = {
    from,
    isEncrypted,
    get isProven() {
      return state.isProven;
    },
    get line() {
      return state.line;
    },
    write: (bytes) => socket.send(escapeData(bytes)),
    sendBreak: () => {
      socket.send(breakSequence);
      return true;
    },
    pause: output.pause,
    resume: output.resume,
    end: socket.end,
    destroy: socket.destroy,
    retire: output.retire,
    giveUp: (reason) => state.line?.closed(connection, reason),
  };

  options.socket.on("data", reader.receive);
  options.socket.on("drain", () => state.line?.drained(connection));
  options.socket.on("error", (error) => (closeReason ??= error.message));
  options.socket.on("close", closed);
  reader.open();
  return connection;
}
