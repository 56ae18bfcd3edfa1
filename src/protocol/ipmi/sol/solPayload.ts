/**
 * The SOL payload of a BMC (IPMI 2.0 §15, §24): one instance, which a session owns from Activate Payload until it is
 * deactivated or the session ends. The end of any other session leaves it alone.
 */
import type { Log } from "../../../base/log.js";
import type { Bmc } from "../../../model/bmc/bmc.js";
import type { Timers } from "../../../model/bmc/timers.js";
import type { ConsoleConnection } from "../../../model/machine/console.js";
import { MalformedPacketError } from "../../rmcp/malformedPacketError.js";
import { payloadType } from "../../rmcp/rmcpPlusWrapper.js";
import type { SessionEnd } from "../session/session.js";
import { type OutboundProtection, sealPayload } from "../session/sessionPayload.js";
import type { SessionTable } from "../session/sessionTable.js";
import { createSolEngine, type SolEngine } from "./solEngine.js";

/** What can be said of the owning session's protection. */
export interface SolOwner {
  /** Managed system session ID. */
  readonly sessionId: number;
  /** Whether the session's cipher suite can encrypt and authenticate. */
  readonly canProtect: OutboundProtection;
  /** How packets to the remote console are protected now. */
  protection: OutboundProtection;
}

export interface SolPayload {
  /** The session that has the payload activated. */
  readonly owner: () => SolOwner | undefined;
  /** What the cipher suite of an open RMCP+ session can do; undefined for a session of IPMI 1.5. */
  readonly protectionOf: (sessionId: number) => OutboundProtection | undefined;
  /**
   * Makes an open RMCP+ session the owner, again if it already is. Resolves when what is typed gets to the console; a
   * console that is not reached within 800 ms is disconnected for the time being.
   */
  readonly activate: (sessionId: number, protection: OutboundProtection) => Promise<void>;
  /** Deactivates; the remote console is notified unless it requested that itself. */
  readonly deactivate: (bySessionId?: number) => void;
  /** A verified SOL packet of a session. Throws MalformedPacketError. */
  readonly receive: (packet: Buffer, sessionId: number, sessionSequence: number) => void;
  readonly close: () => void;
}

export interface SolPayloadOptions {
  readonly bmc: Pick<Bmc, "console" | "sol">;
  readonly sessions: SessionTable;
  readonly timers: Timers;
  readonly log: Log;
}

/** Clients ask again after a second. */
const settleTimeoutMs = 800;

interface Activation extends SolOwner {
  readonly engine: SolEngine;
  readonly connection: ConsoleConnection;
  readonly stopWatching: () => void;
}

export function createSolPayload({ bmc, sessions, timers, log }: SolPayloadOptions): SolPayload {
  let activation: Activation | undefined;

  function protectedSession(sessionId: number) {
    const session = sessions.find(sessionId);
    const state = session?.state.protocol === "rmcpPlus" ? session.state : undefined;
    return session?.active && state?.protection
      ? { session, active: session.active, state, protection: state.protection }
      : undefined;
  }

  async function activate(sessionId: number, protection: OutboundProtection): Promise<void> {
    // No notice before the answer: it can only be this session that has it.
    end(false);
    const found = protectedSession(sessionId);
    if (!found || !bmc.console) {
      throw new Error("a payload is activated only for an open session and a BMC with a console");
    }
    const { session, active, state } = found;
    const user = { user: active.userName, from: session.remote.address };
    const engine: SolEngine = createSolEngine({
      timers,
      timing: bmc.sol.timing,
      // The session's packets may come from another address meanwhile (§13.6).
      send: (packet) =>
        session.reply?.(sealPayload(payloadType.sol, packet, state, found.protection, owner.protection)),
      console: {
        write: (bytes) => owner.connection.write(bytes),
        sendBreak: () => owner.connection.sendBreak(),
        pause: () => owner.connection.pause(),
        resume: () => owner.connection.resume(),
      },
      onDiscarded: () => log("info", "SOL input is discarded: the serial port of the VM is not connected", user),
    });
    const owner: Activation = {
      sessionId,
      canProtect: found.protection,
      protection,
      engine,
      connection: bmc.console.open(user, engine.listener),
      stopWatching: sessions.watchEnd(sessionId, (how) => onSessionEnd(owner, how)),
    };
    bmc.sol.volatileBitRate = bmc.sol.kept().bitRate;
    activation = owner;
    log("info", "SOL activated", { ...user, session: sessionId });
    await Promise.race([owner.connection.settled, after(settleTimeoutMs)]);
    engine.begin();
  }

  function after(ms: number): Promise<void> {
    return new Promise((resolve) => void timers.after(ms, resolve));
  }

  function onSessionEnd(ended: Activation, how: SessionEnd): void {
    log("info", "SOL deactivated: its session has ended", { session: ended.sessionId, how });
    if (how !== "dismissed") {
      end(how === "evicted");
      return;
    }
    // After the answer to the command that ended it: ipmitool would take the notice for that.
    timers.after(1, () => {
      if (activation === ended) {
        end(true);
      }
    });
  }

  function end(isTold: boolean): void {
    if (!activation) {
      return;
    }
    const { engine, connection, stopWatching } = activation;
    activation = undefined;
    stopWatching();
    connection.close();
    if (isTold) {
      engine.notifyDeactivated();
    }
    engine.close();
  }

  return {
    owner: () => activation,
    protectionOf: (sessionId) => protectedSession(sessionId)?.protection,
    activate,
    deactivate: (bySessionId) => {
      log("info", "SOL deactivated", { session: activation?.sessionId, bySession: bySessionId });
      end(activation?.sessionId !== bySessionId);
    },
    receive: (packet, sessionId, sessionSequence) => {
      if (activation?.sessionId !== sessionId) {
        throw new MalformedPacketError("SOL packet of a session that has not activated the payload");
      }
      activation.engine.receive(packet, sessionSequence);
    },
    close: () => end(true),
  };
}
