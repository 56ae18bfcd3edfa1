/** The connection to one vCenter account: it connects, is used until it fails, tells so, waits, and connects again. */
import { MachineError } from "../machine/errors.js";
import type { LinkConfiguration, LinkState, LogLevel } from "../child/messages.js";
import { isLoginRefused, isRefusal, loginRefusal, toMachineError } from "../vsphere/faults.js";
import type { VimSession } from "../vsphere/session.js";
import type { OnCall } from "../vsphere/vimClient.js";
import { VimTransportError } from "../vsphere/vimErrors.js";
import { createAttempts } from "./attempts.js";
import { createBackoff, type FailureKind } from "./backoff.js";
import { login } from "./login.js";

export interface VcenterConnection {
  /** Whatever session there is at the moment; without one its calls reject with MachineError. */
  readonly session: VimSession;
  /** Why there is no session; undefined while there is one. */
  readonly problem: () => MachineError | undefined;
  /** The session; while there is none, a try is made at once. Rejects with why it failed. */
  readonly soon: (timeoutMs: number) => Promise<VimSession>;
  /** Ends the wait for the next try. */
  readonly tryNow: () => void;
  /** Logs out and does not connect any more. */
  readonly stop: () => Promise<void>;
}

export interface VcenterConnectionOptions {
  readonly configuration: LinkConfiguration;
  readonly onState: (state: LinkState) => void;
  readonly log: (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;
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
  const { viserver } = configuration;
  const backoff = createBackoff(Math.random);
  const attempts = createAttempts(() => wake?.());
  let current: VimSession | undefined;
  let problem: MachineError | undefined = new MachineError("busy", `the connection to ${viserver} is being opened`);
  let downSince: string | undefined;
  let lastState = "";
  let isStopped = false;
  let wake: (() => void) | undefined;

  function tell(state: LinkState): void {
    const text = JSON.stringify(state);
    if (text !== lastState) {
      lastState = text;
      onState(state);
    }
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      await connectAndServe();
    }
  }

  async function connectAndServe(): Promise<void> {
    let session: VimSession;
    try {
      session = await login(configuration, options);
    } catch (error) {
      await failed(error);
      return;
    }
    const failure = isStopped ? undefined : await use(session);
    const next = failed(failure);
    await session.logout();
    await next;
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
    let timer: NodeJS.Timeout | undefined;
    const failure = new Promise<unknown>((resolve) => {
      const look = (): void => {
        if (!isWatching() || Math.abs(Date.now() - askedAt) >= intervals.watching) {
          askedAt = Date.now();
          session.keepAlive().catch((error: unknown) => {
            // Whoever refuses is there.
            if (!isRefusal(error)) {
              resolve(error);
            }
          });
        }
      };
      timer = setInterval(look, Math.min(intervals.idle, intervals.watching));
    });
    return { failure, stop: () => clearInterval(timer) };
  }

  /** Tells at once what is wrong; resolves when the next try is due. */
  async function failed(failure: unknown): Promise<void> {
    if (isStopped) {
      return;
    }
    attempts.failed(failure);
    const loginRefused = isLoginRefused(failure);
    problem = problemOf(failure);
    const reason = problem.message;
    downSince ??= new Date().toISOString();
    const delayMs = backoff.next(failureKind(failure));
    const isNews = !lastState.includes(JSON.stringify(reason));
    log(isNews ? "warn" : "debug", `no connection to vCenter: ${reason}`, {
      nextTrySeconds: Math.round(delayMs / 1_000),
    });
    tell(loginRefused ? { state: "loginFailed", reason } : { state: "reconnecting", since: downSince, reason });
    onProblem(problem);
    await pause(delayMs);
  }

  function problemOf(failure: unknown): MachineError {
    const reason = isLoginRefused(failure) ? loginRefusal(failure, configuration) : toMachineError(failure).message;
    return new MachineError("unavailable", reason);
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
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
      keepAlive: () => connected().keepAlive(),
      fingerprint: () => connected().fingerprint(),
      logout: () => connected().logout(),
    },
    problem: () => problem,
    soon: attempts.session,
    tryNow: () => wake?.(),
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
    return "loginRefused";
  }
  const isAway = failure instanceof VimTransportError && failure.problem !== "certificate";
  return isAway ? "unreachable" : "other";
}
