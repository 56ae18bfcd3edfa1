/** One login at one vCenter or ESXi host, and calls within it. */
import { isFault } from "./faults.js";
import type { CallOptions } from "./httpClient.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { fieldOf, textOf } from "./soapValue.js";
import type { Arguments, VimClient } from "./vimClient.js";
import { VimTransportError } from "./vimErrors.js";

/** The managed objects that we use; their references differ between vCenter and ESXi. */
export interface ServiceContent {
  readonly rootFolder: MoRef;
  readonly propertyCollector: MoRef;
  readonly viewManager: MoRef;
  readonly sessionManager: MoRef;
  readonly searchIndex: MoRef;
  /** Not every server has one. */
  readonly performanceManager: MoRef | undefined;
  readonly authorizationManager: MoRef | undefined;
  /** e.g. `VMware vCenter Server 8.0.2 build-22617221`. */
  readonly fullName: string | undefined;
}

export interface VimSession {
  readonly content: ServiceContent;
  /** The key of the present session at the server. */
  readonly key: () => string | undefined;
  readonly call: (method: string, target: MoRef, args?: Arguments, options?: Partial<CallOptions>) => Promise<unknown>;
  /** Ends the session at the server; never rejects. */
  readonly logout: () => Promise<void>;
}

const serviceInstance: MoRef = { type: "ServiceInstance", value: "ServiceInstance" };

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** Logs in. Throws VimFault (InvalidLogin) or VimTransportError. */
export async function openSession(client: VimClient, account: Account): Promise<VimSession> {
  const content = readContent(await client.call("RetrieveServiceContent", serviceInstance));
  let key: string | undefined;
  await login();

  async function login(): Promise<void> {
    // vCenter answers InvalidLogin to a login that still carries a session.
    client.http.dropCookie();
    const { username: userName, password } = account;
    key = textOf(fieldOf(await client.call("Login", content.sessionManager, { userName, password }), "key"));
  }

  return {
    content,
    key: () => key,
    call: async (method, target, args, options) => {
      try {
        return await client.call(method, target, args, options);
      } catch (error) {
        // An expired session: the call never ran, so it can be made again, once.
        if (!isFault(error, "NotAuthenticated")) {
          throw error;
        }
        await login();
        return client.call(method, target, args, options);
      }
    },
    logout: async () => {
      await client.call("Logout", content.sessionManager, {}, { timeoutMs: 1_500 }).catch(() => undefined);
      client.http.close();
    },
  };
}

function readContent(value: unknown): ServiceContent {
  const reference = (name: string): MoRef => {
    const found = fromSoap(fieldOf(value, name));
    if (!found) {
      throw new VimTransportError("badResponse", `the server is no vCenter or ESXi host: its content has no ${name}`);
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
    fullName: textOf(fieldOf(fieldOf(value, "about"), "fullName")),
  };
}
