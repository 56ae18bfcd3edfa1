/** One login at one vCenter or ESXi host, and calls within it. An expired session is renewed, once for all calls. */
import { isFault } from "./faults.js";
import type { CallOptions, FileTransport } from "./httpClient.js";
import type { MoRef } from "./moRef.js";
import { readPropertiesOfMany } from "./properties.js";
import { readContent, type ServiceContent } from "./serviceContent.js";
import { type Account, createLogins, type Logins, type SessionOptions } from "./sessionLogin.js";
import { fieldOf, listOf, textOf, typeOf } from "./soapValue.js";
import { createTaskFollower, type TaskFollower } from "./taskFollower.js";
import type { Arguments, VimClient } from "./vimClient.js";
import { SessionChanged, VimFault, VimTransportError } from "./vimErrors.js";

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

/** Logs in. Throws VimFault (InvalidLogin) or VimTransportError, the client closed. */
export async function openSession(
  client: VimClient,
  account: Account,
  options: SessionOptions = {},
): Promise<VimSession> {
  const logins = createLogins(client, account, options);
  try {
    const content = readContent(
      await client.call("RetrieveServiceContent", serviceInstance, {}, { timeoutMs: firstCallTimeoutMs }),
    );
    return sessionOf(client, content, logins, await renewableLogin(content, logins));
  } catch (error) {
    logins.close();
    throw error;
  }
}

interface Login {
  readonly key: () => string | undefined;
  readonly generation: () => symbol;
  /** Throws why the session has ended. */
  readonly requireLife: () => void;
  /** Many calls may find the session expired at the same time: logs in once for all. */
  readonly renew: (expired: symbol) => Promise<void>;
  /** Ends it: no further call or renewal is sent. Resolves once a pending renewal has ended. */
  readonly end: (why: Error) => Promise<void>;
}

async function renewableLogin(content: ServiceContent, logins: Logins): Promise<Login> {
  let key: string | undefined;
  let generation = Symbol("no login yet");
  let renewal: Promise<void> | undefined;
  /** Why the session has ended. */
  let ended: Error | undefined;
  await login();

  async function login(): Promise<void> {
    key = textOf(fieldOf(await logins.login(content), "key"));
    generation = Symbol("login");
  }

  async function relogin(): Promise<void> {
    try {
      // A server that says "not authenticated" may still hold the session.
      await logins.logout(content);
      await login();
    } catch (error) {
      // The next call must not retry a refused login: too many lock the account.
      ended = error as Error;
      throw error;
    }
  }

  function requireLife(): void {
    if (ended) {
      throw ended;
    }
  }

  return {
    key: () => key,
    generation: () => generation,
    requireLife,
    renew: async (expired) => {
      requireLife();
      if (expired === generation) {
        renewal ??= relogin().finally(() => (renewal = undefined));
        await renewal;
      }
    },
    end: async (why) => {
      ended ??= why;
      await renewal?.catch(() => undefined);
    },
  };
}

function sessionOf(client: VimClient, content: ServiceContent, logins: Logins, login: Login): VimSession {
  async function callOnce(...[method, target, args, options]: Parameters<VimSession["call"]>): Promise<unknown> {
    const result = await client.call(method, target, args, options);
    if (isExpired(result)) {
      throw new VimFault("NotAuthenticated", "the session has expired");
    }
    return result;
  }

  async function call(...[method, target, args, options = {}]: Parameters<VimSession["call"]>): Promise<unknown> {
    const { within, ...callOptions } = options;
    login.requireLife();
    const before = login.generation();
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
      await login.renew(before);
      if (within !== undefined) {
        throw new SessionChanged();
      }
      return callOnce(method, target, args, callOptions);
    }
  }

  const session: VimSession = {
    content,
    key: login.key,
    generation: login.generation,
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
      await login.end(new VimTransportError("unreachable", "the connection to vCenter has been closed"));
      await logins.logout(content);
      logins.close();
    },
  };
  return session;
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
