/** The connection to one vCenter account: connects, works until it fails, reports that, waits, and reconnects. */
import path from "node:path";

import { createPause } from "../../base/async/pause.js";
import type { Log } from "../../base/log.js";
import { MachineError } from "../../model/machine/errors.js";
import { isFault, isLoginRefused, toMachineError } from "../../vsphere/faults.js";
import type { VimSession } from "../../vsphere/session.js";
import type { LoginLimits, SessionOptions } from "../../vsphere/sessionLogin.js";
import type { OnCall } from "../../vsphere/vimClient.js";
import { VimTransportError } from "../../vsphere/vimErrors.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { LinkState } from "../ipc/reports.js";
import { createAttempts } from "./attempts.js";
import { createCertificateMemory } from "./certificateMemory.js";
import { createConnectionReport, problemOf } from "./connectionReport.js";
import { currentSession } from "./currentSession.js";
import { keepAlive, type KeepAliveIntervals } from "./keepAlive.js";
import { login } from "./login.js";
import { createBackoff, type FailureKind } from "./loginBackoff.js";
import { LoginNotTried, type LoginPacing, openLoginPacing } from "./loginPacing.js";

export interface VcenterConnection {
  /** Uses the current session; without one its calls reject with MachineError. */
  readonly session: VimSession;
  /** Why there is no session; undefined while there is one. */
  readonly problem: () => MachineError | undefined;
  /** The session; without one, connects at once. Rejects with the reason of a failure. */
  readonly connectNow: (timeoutMs: number) => Promise<VimSession>;
  /** Retries now, unless that might lock the account. */
  readonly tryNow: () => void;
  /** Whether a login is unanswered: `stop` waits for it, to log out again. */
  readonly isLoggingIn: () => boolean;
  /** Logs out and stops reconnecting. */
  readonly stop: () => Promise<void>;
}

export interface VcenterConnectionOptions {
  readonly configuration: LinkConfiguration;
  readonly onState: (state: LinkState) => void;
  readonly log: Log;
  /** Uses the session until it fails; rejects with the reason. */
  readonly serve: (session: VimSession) => Promise<void>;
  /** Called when the session has ended or could not be opened. */
  readonly onProblem: (problem: MachineError) => void;
  readonly onCall?: OnCall;
  /** How vCenter lists us in its sessions and events. */
  readonly userAgent?: string;
  /** While waiting for updates, their absence shows that vCenter is away. */
  readonly isWatching: () => boolean;
  readonly intervals?: Partial<KeepAliveIntervals>;
  readonly loginLimits?: Partial<LoginLimits>;
}

/** A connection that has lasted this long counts as stable, ms. */
const goodAfterMs = 30_000;

export function createVcenterConnection(options: VcenterConnectionOptions): VcenterConnection {
  const { configuration, log, serve, onProblem } = options;
  const { viserver } = configuration;
  const certificates = createCertificateMemory(configuration, (message) => log("warn", message));
  const backoff = createBackoff(Math.random);
  const attempts = createAttempts(() => tryNow());
  const report = createConnectionReport(configuration, options.onState, log);
  const pause = createPause();
  const pacing = openRecordedPacing(configuration, log);
  let current: VimSession | undefined;
  let problem: MachineError | undefined = new MachineError("busy", `the connection to ${viserver} is being opened`);
  let isStopped = false;
  /** A caller has requested an attempt now. */
  let isAsked = false;

  const progress = followLogins(configuration, log, {
    isStopped: () => isStopped,
    onSlow: (reason) => {
      problem = new MachineError("busy", reason);
      report.connecting(reason);
      onProblem(problem);
    },
    onEnd: () => {
      // Renewing the session does not interrupt its use.
      if (current) {
        problem = undefined;
        report.connected();
      }
    },
  });

  async function run(): Promise<void> {
    const own = await pacing;
    while (!isStopped) {
      await connectAndServe(own);
    }
  }

  async function connectAndServe(own: RecordedPacing): Promise<void> {
    const isTooSoon = own.dueInMs() > 0 && !(isAsked && own.mayTryNow());
    isAsked = false;
    if (isTooSoon) {
      await failed(new LoginNotTried(own.dueInMs(), Date.now()), own);
      return;
    }
    let session: VimSession;
    try {
      const limits = options.loginLimits ?? {};
      session = await login(configuration, { ...options, certificates, limits, ...progress.events });
    } catch (error) {
      await Promise.all([own.failed(error, progress.isHost()), failed(error, own)]);
      return;
    }
    await own.succeeded();
    const failure = isStopped ? undefined : await use(session);
    // A renewal may have been refused.
    const next = Promise.all([own.failed(failure, progress.isHost()), failed(failure, own)]);
    await session.logout();
    await next;
  }

  /** Resolves with the reason when the session has become unusable. */
  async function use(session: VimSession): Promise<unknown> {
    current = session;
    problem = undefined;
    attempts.succeeded(session);
    report.connected();
    log("info", "connected to vCenter", { server: session.content.fullName ?? "unknown" });
    const resetTimer = setTimeout(backoff.reset, goodAfterMs);
    const keptAlive = keepAlive(session, options.isWatching, options.intervals);
    try {
      const failure = await Promise.race([keptAlive.failure, serve(session).catch((error: unknown) => error)]);
      problem = isStopped ? problem : problemOf(failure, configuration);
      return failure;
    } finally {
      keptAlive.stop();
      clearTimeout(resetTimer);
      current = undefined;
    }
  }

  /** Reports the problem at once; resolves when the next attempt is due. */
  async function failed(failure: unknown, own: RecordedPacing): Promise<void> {
    if (isStopped) {
      return;
    }
    attempts.failed(failure);
    const delayMs = isFault(failure, "InvalidLogin") ? own.dueInMs() : backoff.next(failureKind(failure));
    problem = report.failed(failure, delayMs);
    onProblem(problem);
    await pause.wait(delayMs);
  }

  function tryNow(): void {
    isAsked = true;
    pause.end();
  }

  function connected(): VimSession {
    if (!current) {
      throw problem ?? new MachineError("busy", `the connection to ${viserver} is being closed`);
    }
    return current;
  }

  const running = run();
  return {
    session: currentSession(() => current, connected),
    problem: () => problem,
    connectNow: attempts.session,
    tryNow,
    isLoggingIn: progress.isLoggingIn,
    stop: async () => {
      isStopped = true;
      pause.end();
      await current?.logout();
      await running;
    },
  };
}

interface LoginProgress {
  readonly events: Pick<SessionOptions, "onLogin" | "onLoginEnd" | "onSlowLogin">;
  readonly isLoggingIn: () => boolean;
  /** Whether the last login was at an ESXi host. */
  readonly isHost: () => boolean;
}

function followLogins(
  { viserver, username }: LinkConfiguration,
  log: Log,
  { isStopped, onSlow, onEnd }: { isStopped: () => boolean; onSlow: (reason: string) => void; onEnd: () => void },
): LoginProgress {
  let isLoggingIn = false;
  let isHost = false;
  return {
    events: {
      onLogin: (server) => {
        if (isStopped()) {
          throw new VimTransportError("unreachable", "the connection is being closed");
        }
        isHost = server.isHost;
        isLoggingIn = true;
      },
      onSlowLogin: () => {
        const reason = `${viserver} takes long to log in ${username}: its domain controller may be slow`;
        log("warn", "slow login", { reason });
        onSlow(reason);
      },
      onLoginEnd: () => {
        isLoggingIn = false;
        onEnd();
      },
    },
    isLoggingIn: () => isLoggingIn,
    isHost: () => isHost,
  };
}

/** LoginPacing that only logs failures to store an outcome. */
interface RecordedPacing extends Pick<LoginPacing, "dueInMs" | "mayTryNow"> {
  readonly succeeded: () => Promise<void>;
  /** Counts a refused login, the first one or a renewal; other failures do not concern logins. */
  readonly failed: (failure: unknown, isHost: boolean) => Promise<void>;
}

async function openRecordedPacing({ tls, password }: LinkConfiguration, log: Log): Promise<RecordedPacing> {
  const pacing = await openLoginPacing({
    file: tls.trustFile && path.join(path.dirname(tls.trustFile), "refused-logins.json"),
    password,
    now: Date.now,
    random: Math.random,
  });
  const noted = (kept: Promise<void>): Promise<void> =>
    kept.catch((error: unknown) => {
      log("warn", "the results of logins cannot be stored", { reason: toMachineError(error).message });
    });
  return {
    ...pacing,
    succeeded: () => noted(pacing.succeeded()),
    failed: async (failure, isHost) => {
      if (isFault(failure, "InvalidLogin")) {
        await noted(pacing.refused({ isHost }));
      }
    },
  };
}

function failureKind(failure: unknown): FailureKind {
  if (isLoginRefused(failure)) {
    return "noRole";
  }
  const isAway = failure instanceof VimTransportError && failure.problem !== "certificate";
  return isAway ? "unreachable" : "other";
}
