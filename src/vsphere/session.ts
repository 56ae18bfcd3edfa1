/** One login at one vCenter or ESXi host, and calls within it. An expired session is renewed, once for all calls. */
import { isFault } from "./faults.js";
import type { CallOptions, FileTransport } from "./httpClient.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { readPropertiesOfMany } from "./properties.js";
import { fieldOf, listOf, textOf, typeOf } from "./soapValue.js";
import { createTaskFollower, type TaskFollower } from "./taskFollower.js";
import type { Arguments, VimClient } from "./vimClient.js";
import { SessionChanged, VimFault, VimTransportError } from "./vimErrors.js";

/** The managed objects that we use; their references differ between vCenter and ESXi. */
export interface ServiceContent {
  readonly rootFolder: MoRef;
  readonly propertyCollector: MoRef;
  readonly viewManager: MoRef;
  readonly sessionManager: MoRef;
  readonly searchIndex: MoRef;
  /** Some servers have none. */
  readonly performanceManager: MoRef | undefined;
  readonly authorizationManager: MoRef | undefined;
  readonly licenseManager?: MoRef | undefined;
  readonly fileManager?: MoRef | undefined;
  /** e.g. `VMware vCenter Server 8.0.2 build-22617221`. */
  readonly fullName: string | undefined;
  /** True for an ESXi host without vCenter. */
  readonly isHost: boolean;
  /** about.instanceUuid of a vCenter; an ESXi host has none. */
  readonly serverUuid: string | undefined;
}

export interface VimSession {
  readonly content: ServiceContent;
  /** The server's key of the current session. */
  readonly key: () => string | undefined;
  /**
   * Changes with every login. Collectors, filters and views of an earlier one are gone, and references may name other
   * VMs.
   */
  readonly generation: () => symbol;
  readonly call: (method: string, target: MoRef, args?: Arguments, options?: SessionCallOptions) => Promise<unknown>;
  /** Tasks that were begun in it. */
  readonly tasks: TaskFollower;
  /** Makes a call that resets the server's idle timer. */
  readonly keepAlive: () => Promise<void>;
  /** SHA-256 fingerprint of the server's trusted certificate. */
  readonly fingerprint: () => string | undefined;
  /** For access without SOAP: files of datastores. */
  readonly transport: FileTransport;
  /** Ends the session at the server; never rejects. */
  readonly logout: () => Promise<void>;
}

export interface SessionCallOptions extends Partial<CallOptions> {
  /** The call is only sent in this generation: otherwise SessionChanged is thrown. */
  readonly within?: symbol;
}

const serviceInstance: MoRef = { type: "ServiceInstance", value: "ServiceInstance" };

/** Timeout of the first, smallest call, ms. */
const firstCallTimeoutMs = 4_000;
const logoutTimeoutMs = 1_500;

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** Time limits of a login. */
export interface LoginLimits {
  /** After this time it is reported as slow, ms. */
  readonly slowMs: number;
  /** After this time it is given up, ms: a domain controller may take half a minute or more. */
  readonly timeoutMs: number;
}

const usualLoginLimits: LoginLimits = { slowMs: 3_000, timeoutMs: 120_000 };
/** How much longer to wait for the answer to an abandoned login, to log out: the session would stay open for 30 minutes, ms. */
const lateLoginMs = 10 * 60_000;

export interface SessionOptions {
  readonly limits?: Partial<LoginLimits>;
  /** Called before a login is sent; if it throws, the login is not sent. */
  readonly onLogin?: (server: ServiceContent) => void;
  readonly onSlowLogin?: () => void;
  /** Called with the outcome. */
  readonly onLoginEnd?: () => void;
}

/** Logs in. Throws VimFault (InvalidLogin) or VimTransportError, the client closed. */
export async function openSession(
  client: VimClient,
  account: Account,
  options: SessionOptions = {},
): Promise<VimSession> {
  const limits = { ...usualLoginLimits, ...options.limits };
  /** Resolves when an abandoned login has been answered and logged out. */
  let lateLogin: Promise<unknown> = Promise.resolve();
  try {
    return await open();
  } catch (error) {
    close();
    throw error;
  }

  function close(): void {
    void lateLogin.then(() => client.http.close());
  }

  async function sendLogin(manager: MoRef): Promise<unknown> {
    const { username: userName, password } = account;
    const answer = client.call("Login", manager, { userName, password }, { timeoutMs: limits.timeoutMs + lateLoginMs });
    const slow = setTimeout(() => options.onSlowLogin?.(), limits.slowMs);
    let timer: NodeJS.Timeout | undefined;
    const givenUp = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        lateLogin = answer.then(() => logOut(manager)).catch(() => undefined);
        const seconds = Math.round(limits.timeoutMs / 1_000);
        reject(new VimTransportError("timeout", `the login was not answered within ${seconds} s`));
      }, limits.timeoutMs);
    });
    try {
      return await Promise.race([answer, givenUp]);
    } finally {
      clearTimeout(timer);
      clearTimeout(slow);
      options.onLoginEnd?.();
    }
  }

  async function logOut(manager: MoRef): Promise<void> {
    await client.call("Logout", manager, {}, { timeoutMs: logoutTimeoutMs }).catch(() => undefined);
  }

  async function open(): Promise<VimSession> {
    const content = readContent(
      await client.call("RetrieveServiceContent", serviceInstance, {}, { timeoutMs: firstCallTimeoutMs }),
    );
    let key: string | undefined;
    let generation = Symbol("no login yet");
    let renewal: Promise<void> | undefined;
    /** Why the session has ended. */
    let ended: Error | undefined;
    await login();

    async function login(): Promise<void> {
      // vCenter answers InvalidLogin to a login that still sends a session cookie.
      client.http.dropCookie();
      options.onLogin?.(content);
      key = textOf(fieldOf(await sendLogin(content.sessionManager), "key"));
      generation = Symbol("login");
    }

    /** Many calls may find the session expired at the same time: log in once for all. */
    async function renew(expired: symbol): Promise<void> {
      if (ended) {
        throw ended;
      }
      if (expired === generation) {
        renewal ??= relogin().finally(() => (renewal = undefined));
        await renewal;
      }
    }

    async function relogin(): Promise<void> {
      try {
        // A server that says "not authenticated" may still hold the session.
        await logOut(content.sessionManager);
        await login();
      } catch (error) {
        // The next call must not retry a refused login: too many lock the account.
        ended = error as Error;
        throw error;
      }
    }

    async function callOnce(...[method, target, args, options]: Parameters<VimSession["call"]>): Promise<unknown> {
      const result = await client.call(method, target, args, options);
      if (isExpired(result)) {
        throw new VimFault("NotAuthenticated", "the session has expired");
      }
      return result;
    }

    async function call(...[method, target, args, options = {}]: Parameters<VimSession["call"]>): Promise<unknown> {
      const { within, ...callOptions } = options;
      if (ended) {
        throw ended;
      }
      const before = generation;
      if (within !== undefined && within !== before) {
        throw new SessionChanged();
      }
      try {
        return await callOnce(method, target, args, callOptions);
      } catch (error) {
        // Expired session: the call never ran, so it can be retried once.
        if (!isFault(error, "NotAuthenticated")) {
          throw error;
        }
        await renew(before);
        if (within !== undefined) {
          throw new SessionChanged();
        }
        return callOnce(method, target, args, callOptions);
      }
    }

    const session: VimSession = {
      content,
      key: () => key,
      generation: () => generation,
      call,
      // Behind the commands that wait to be sent.
      tasks: createTaskFollower((tasks, timeoutMs) =>
        readPropertiesOfMany(session, tasks, ["info"], { timeoutMs, urgency: "statistics" }),
      ),
      keepAlive: async () => {
        await call("CurrentTime", serviceInstance);
      },
      fingerprint: client.http.fingerprint,
      transport: client.http,
      logout: async () => {
        ended ??= new VimTransportError("unreachable", "the connection to vCenter has been closed");
        await renewal?.catch(() => undefined);
        await logOut(content.sessionManager);
        close();
      },
    };
    return session;
  }
}

/** Some servers report it per property, although the call itself succeeds. */
function isExpired(result: unknown): boolean {
  const updates = listOf(fieldOf(result, "filterSet")).flatMap((filter) => listOf(fieldOf(filter, "objectSet")));
  return [...listOf(fieldOf(result, "objects")), ...updates].some((object) =>
    listOf(fieldOf(object, "missingSet")).some(
      (missing) => typeOf(fieldOf(fieldOf(missing, "fault"), "fault")) === "NotAuthenticated",
    ),
  );
}

function readContent(value: unknown): ServiceContent {
  const reference = (name: string): MoRef => {
    const found = fromSoap(fieldOf(value, name));
    if (!found) {
      throw new VimTransportError(
        "badResponse",
        `the server is not a vCenter or ESXi host: its content has no ${name}`,
      );
    }
    return found;
  };
  return {
    rootFolder: reference("rootFolder"),
    propertyCollector: reference("propertyCollector"),
    viewManager: reference("viewManager"),
    sessionManager: reference("sessionManager"),
    searchIndex: reference("searchIndex"),
    performanceManager: fromSoap(fieldOf(value, "perfManager")),
    authorizationManager: fromSoap(fieldOf(value, "authorizationManager")),
    licenseManager: fromSoap(fieldOf(value, "licenseManager")),
    fileManager: fromSoap(fieldOf(value, "fileManager")),
    fullName: textOf(fieldOf(fieldOf(value, "about"), "fullName")),
    isHost: textOf(fieldOf(fieldOf(value, "about"), "apiType")) === "HostAgent",
    serverUuid: textOf(fieldOf(fieldOf(value, "about"), "instanceUuid")),
  };
}
