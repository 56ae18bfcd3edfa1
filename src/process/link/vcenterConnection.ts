/** The connection to one vCenter account: it connects, is used until it fails, tells so, waits, and connects again. */
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
  /** Whatever session there is at the moment; without one its calls reject with MachineError. */
  readonly session: VimSession;
  /** Why there is no session; undefined while there is one. */
  readonly problem: () => MachineError | undefined;
  /** The session; while there is none, a try is made at once. Rejects with why it failed. */
  readonly soon: (timeoutMs: number) => Promise<VimSession>;
  /** Ends the wait for the next try, unless that might lock the account. */
  readonly tryNow: () => void;
  /** A login has been sent and not been answered: `stop` waits for it, to log out again. */
  readonly isLoggingIn: () => boolean;
  /** Logs out and does not connect any more. */
  readonly stop: () => Promise<void>;
}

export interface VcenterConnectionOptions {
  readonly configuration: LinkConfiguration;
  readonly onState: (state: LinkState) => void;
  readonly log: Log;
  /** Uses the session until it fails; rejects with why. */
  readonly serve: (session: VimSession) => Promise<void>;
  /** There is no session any more, or still none. */
  readonly onProblem: (problem: MachineError) => void;
  readonly onCall?: OnCall;
  /** How vCenter lists us in its sessions and events. */
  readonly userAgent?: string;
  /** While updates are awaited, these show whether vCenter is there. */
  readonly isWatching: () => boolean;
  readonly intervals?: Partial<KeepAliveIntervals>;
  readonly loginLimits?: Partial<LoginLimits>;
}

/** How often something is asked for the session's sake, ms. */
export interface KeepAliveIntervals {
  readonly watching: number;
  /** Nothing else finds out that vCenter is away. */
  readonly idle: number;
}

/** vCenter ends sessions that are idle for 30 minutes, and a pending wait for updates may count as idle. */
const usualIntervals: KeepAliveIntervals = { watching: 5 * 60_000, idle: 10_000 };
/** A connection that has lasted this long was a good one, ms. */
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
  /** Somebody asks for a try now. */
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
      // A session that was renewed goes on as it was.
      if (current) {
        problem = undefined;
        tell({ state: "connected" });
      }
    },
  };

  /** A login was refused, the first one or one that was to renew the session. */
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

  /** Resolves with why the session cannot be used any more. */
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

  /** Tells at once what is wrong; resolves when the next try is due. */
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

  /** Without a time it lasts until `wake`. */
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
      // eslint-disable-next-line @typescript-eslint/require-await -- what `connected` throws is to be a rejection
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
