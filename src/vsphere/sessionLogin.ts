/** The login at a server: slow ones are reported, and one that takes too long is given up, and logged out when it ends. */
import type { MoRef } from "./moRef.js";
import type { ServiceContent } from "./serviceContent.js";
import type { VimClient } from "./vimClient.js";
import { VimTransportError } from "./vimErrors.js";

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

export interface Logins {
  /** Resolves to the UserSession as `soap` parsed it. Rejects with VimFault (InvalidLogin) or VimTransportError. */
  readonly login: (content: ServiceContent) => Promise<unknown>;
  /** Never rejects. */
  readonly logout: (content: ServiceContent) => Promise<void>;
  /** Closes the client, once an abandoned login has been answered and logged out. */
  readonly close: () => void;
}

export function createLogins(client: VimClient, account: Account, options: SessionOptions): Logins {
  const limits = { ...usualLoginLimits, ...options.limits };
  /** Resolves when an abandoned login has been answered and logged out. */
  let lateLogin: Promise<unknown> = Promise.resolve();

  async function send(manager: MoRef): Promise<unknown> {
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

  return {
    login: (content) => {
      // vCenter answers InvalidLogin to a login that still sends a session cookie.
      client.http.dropCookie();
      options.onLogin?.(content);
      return send(content.sessionManager);
    },
    logout: ({ sessionManager }) => logOut(sessionManager),
    close: () => void lateLogin.then(() => client.http.close()),
  };
}
