/** The connection to one vCenter account: connects, works until it fails, reports that, waits, and reconnects. */
import path from "node:path";

import type { Log } from "../../base/log.js";
import { MachineError } from "../../model/machine/errors.js";
import { isFault, isLoginRefused, isRefusal, loginRefusal, toMachineError } from "../../vsphere/faults.js";
import type { LoginLimits, VimSession } from "../../vsphere/session.js";
import type { OnCall } from "../../vsphere/vimClient.js";
import { VimTransportError } from "../../vsphere/vimErrors.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { LinkState } from "../ipc/reports.js";
import { createAttempts } from "./attempts.js";
import { createBackoff, type FailureKind } from "./backoff.js";
import { createCertificateMemory } from "./certificateMemory.js";
import { login } from "./login.js";
import { LoginNotTried, type LoginPacing, openLoginPacing } from "./loginPacing.js";

export interface VcenterConnection {
  /** Uses the current session; without one its calls reject with MachineError. */
  readonly session: VimSession;
  /** Why there is no session; undefined while there is one. */
  readonly problem: () => MachineError | undefined;
  /** The session; without one, connects at once. Rejects with the reason of a failure. */
  readonly soon: (timeoutMs: number) => Promise<VimSession>;
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

/** Interval of keep-alive calls, ms. */
export interface KeepAliveIntervals {
  readonly watching: number;
  /** Without a watch, only keep-alive calls detect that vCenter is away. */
  readonly idle: number;
}

/** vCenter ends sessions that are idle for 30 minutes, and a pending wait for updates may count as idle. */
const usualIntervals: KeepAliveIntervals = { watching: 5 * 60_000, idle: 10_000 };
/** A connection that has lasted this long counts as stable, ms. */
const goodAfterMs = 30_000;

export function createVcenterConnection(options: VcenterConnectionOptions): VcenterConnection {
  const { configuration, onState, log, serve, onProblem, isWatching } = options;
  const intervals = { ...usualIntervals, ...options.intervals };
  const { viserver, username } = configuration;
  const certificates = createCertificateMemory(configuration, (message) => log("warn", message));
  const backoff = createBackoff(Math.random);
  const attempts = createAttempts(() => tryNow());
  let current: VimSession | undefined;
  let problem: MachineError | undefined = new MachineError("busy", `the connection to ${viserver} is being opened`);
  let downSince: string | undefined;
  let lastState = "";
  let isStopped = false;
  let isLoggingIn = false;
  let isHost = false;
  let wake: (() => void) | undefined;
  /** A caller has requested an attempt now. */
  let isAsked = false;
  const pacing = openLoginPacing({
    file: configuration.tls.trustFile && path.join(path.dirname(configuration.tls.trustFile), "refused-logins.json"),
    password: configuration.password,
    now: Date.now,
    random: Math.random,
  });

  function tell(state: LinkState): void {
    const text = JSON.stringify(state);
    if (text !== lastState) {
      lastState = text;
      onState(state);
    }
  }

  async function run(): Promise<void> {
    const own = await pacing;
    while (!isStopped) {
      await connectAndServe(own);
    }
  }

  async function connectAndServe(own: LoginPacing): Promise<void> {
    const isTooSoon = own.dueInMs() > 0 && !(isAsked && own.mayTryNow());
    isAsked = false;
    if (isTooSoon) {
      await failed(new LoginNotTried(own.dueInMs(), Date.now()), own);
      return;
    }
    let session: VimSession;
    try {
      session = await login(configuration, {
        ...options,
        certificates,
        limits: options.loginLimits ?? {},
        ...loginEvents,
      });
    } catch (error) {
      await Promise.all([noteRefusal(error, own), failed(error, own)]);
      return;
    }
    await noted(own.succeeded());
    const failure = isStopped ? undefined : await use(session);
    const next = Promise.all([noteRefusal(failure, own), failed(failure, own)]);
    await session.logout();
    await next;
  }

  const loginEvents = {
    onLogin: (server: { readonly isHost: boolean }): void => {
      if (isStopped) {
        throw new VimTransportError("unreachable", "the connection is being closed");
      }
      isHost = server.isHost;
      isLoggingIn = true;
    },
    onSlowLogin: (): void => {
      const reason = `${viserver} takes long to log in ${username}: its domain controller may be slow`;
      log("warn", "slow login", { reason });
      problem = new MachineError("busy", reason);
      tell({ state: "connecting", reason });
      onProblem(problem);
    },
    onLoginEnd: (): void => {
      isLoggingIn = false;
      // Renewing the session does not interrupt its use.
      if (current) {
        problem = undefined;
        tell({ state: "connected" });
      }
    },
  };

  /** Handles a refused login, the first one or a renewal. */
  async function noteRefusal(failure: unknown, own: LoginPacing): Promise<void> {
    if (isFault(failure, "InvalidLogin")) {
      await noted(own.refused({ isHost }));
    }
  }

  async function noted(kept: Promise<void>): Promise<void> {
    await kept.catch((error: unknown) => {
      log("warn", "the results of logins cannot be stored", { reason: toMachineError(error).message });
    });
  }

  /** Resolves with the reason when the session has become unusable. */
  async function use(session: VimSession): Promise<unknown> {
    current = session;
    problem = undefined;
    downSince = undefined;
    attempts.succeeded(session);
    tell({ state: "connected" });
    log("info", "connected to vCenter", { server: session.content.fullName ?? "unknown" });
    const good = setTimeout(backoff.reset, goodAfterMs);
    const keptAlive = keepAlive(session);
    try {
      const failure = await Promise.race([keptAlive.failure, serve(session).catch((error: unknown) => error)]);
      problem = isStopped ? problem : problemOf(failure);
      return failure;
    } finally {
      keptAlive.stop();
      clearTimeout(good);
      current = undefined;
    }
  }

  /** `failure` resolves with why the session could not be kept alive. */
  function keepAlive(session: VimSession): { readonly failure: Promise<unknown>; readonly stop: () => void } {
    let askedAt = Date.now();
    /** A server that is slow is not asked again before it has answered. */
    let isAsking = false;
    let timer: NodeJS.Timeout | undefined;
    const failure = new Promise<unknown>((resolve) => {
      const ask = async (): Promise<void> => {
        askedAt = Date.now();
        isAsking = true;
        try {
          await session.keepAlive();
        } catch (error) {
          // Whoever refuses is there.
          if (!isRefusal(error)) {
            resolve(error);
          }
        } finally {
          isAsking = false;
        }
      };
      const look = (): void => {
        if (!isAsking && (!isWatching() || Math.abs(Date.now() - askedAt) >= intervals.watching)) {
          void ask();
        }
      };
      timer = setInterval(look, Math.min(intervals.idle, intervals.watching));
    });
    return { failure, stop: () => clearInterval(timer) };
  }

  /** Reports the problem at once; resolves when the next attempt is due. */
  async function failed(failure: unknown, own: LoginPacing): Promise<void> {
    if (isStopped) {
      return;
    }
    attempts.failed(failure);
    const loginRefused = isLoginRefused(failure);
    problem = problemOf(failure);
    const reason = problem.message;
    downSince ??= new Date().toISOString();
    const delayMs = isFault(failure, "InvalidLogin") ? own.dueInMs() : backoff.next(failureKind(failure));
    const nextTry = Number.isFinite(delayMs) ? new Date(Date.now() + delayMs).toISOString() : undefined;
    const isNews = !lastState.includes(JSON.stringify(reason));
    log(isNews ? "warn" : "debug", `no connection to vCenter: ${reason}`, {
      ...(nextTry !== undefined && { nextTrySeconds: Math.round(delayMs / 1_000) }),
    });
    tell(
      loginRefused
        ? { state: "loginFailed", reason, ...(nextTry !== undefined && { nextTry }) }
        : { state: "reconnecting", since: downSince, reason },
    );
    onProblem(problem);
    await pause(delayMs);
  }

  function problemOf(failure: unknown): MachineError {
    const reason = isLoginRefused(failure) ? loginRefusal(failure, configuration) : toMachineError(failure).message;
    return new MachineError("unavailable", reason);
  }

  /** Without a time it waits until `wake`. */
  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(delayMs) ? setTimeout(resolve, delayMs) : undefined;
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function tryNow(): void {
    isAsked = true;
    wake?.();
  }

  function connected(): VimSession {
    if (!current) {
      throw problem ?? new MachineError("busy", `the connection to ${viserver} is being closed`);
    }
    return current;
  }

  const running = run();
  return {
    session: {
      get content() {
        return connected().content;
      },
      key: () => current?.key(),
      generation: () => connected().generation(),
      // eslint-disable-next-line @typescript-eslint/require-await -- turns an error thrown by `connected` into a rejection
      call: async (...call) => connected().call(...call),
      get tasks() {
        return connected().tasks;
      },
      keepAlive: () => connected().keepAlive(),
      fingerprint: () => connected().fingerprint(),
      get transport() {
        return connected().transport;
      },
      logout: () => connected().logout(),
    },
    problem: () => problem,
    soon: attempts.session,
    tryNow,
    isLoggingIn: () => isLoggingIn,
    stop: async () => {
      isStopped = true;
      wake?.();
      await current?.logout();
      await running;
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
