/** A fleet of Redfish services over fake machines, and a client that talks to it without a socket. */
import { defined } from "../../src/base/defined.js";
import type { BmcSummary, FleetRole } from "../../src/model/fleet/summary.js";
import { noValidSession } from "../../src/protocol/redfish/authentication.js";
import { isEventStream } from "../../src/protocol/redfish/exchange.js";
import type { FleetAccounts } from "../../src/protocol/redfish/fleet/authentication.js";
import { createCallers } from "../../src/protocol/redfish/fleet/callers.js";
import type { Fleet } from "../../src/protocol/redfish/fleet/fleet.js";
import { createFleetService, type FleetService } from "../../src/protocol/redfish/fleet/service.js";
import type { Role } from "../../src/protocol/redfish/privileges.js";
import { toErrorResponse } from "../../src/protocol/redfish/redfishError.js";
import { createTestRedfish, jsonOf, type Reply, type TestRedfish } from "./testRedfish.js";

export interface TestFleet {
  readonly service: FleetService;
  readonly bmcs: ReadonlyMap<string, TestRedfish>;
  readonly accounts: Map<string, { password: string; role: Role }>;
  readonly logIn: (userName: string, password: string) => Promise<Reply>;
  readonly send: (method: string, target: string, token: string, body?: unknown) => Promise<Reply>;
  /** Whole `data:` lines of the event stream so far. */
  readonly listen: (token: string) => Promise<string[]>;
}

export function summaryOf(name: string): BmcSummary {
  return { name, vmName: name, address: "192.0.2.1", port: 623, viserver: "vc", state: "running", media: [] };
}

export function createTestFleet(names: readonly string[]): TestFleet {
  const bmcs = new Map(names.map((name) => [name, createTestRedfish()]));
  const accounts = new Map<string, { password: string; role: Role }>([
    ["root", { password: "fleet-password", role: "Administrator" }],
  ]);
  const [first] = bmcs.values();
  if (!first) {
    throw new Error("a test fleet needs a BMC");
  }
  const callersOf = (name: string) => {
    const redfish = bmcs.get(name);
    return redfish && createCallers(redfish.bmc, redfish.timers.now);
  };
  const fleet: Fleet = {
    bmcs: () => names.map(summaryOf),
    find: (name) => (bmcs.has(name) ? summaryOf(name) : undefined),
    exchange: async (name, request, caller) => {
      const principal = callersOf(name)?.principalOf(caller);
      return principal && bmcs.get(name)
        ? (bmcs.get(name) as TestRedfish).service.handle(request, { principal })
        : toErrorResponse(noValidSession());
    },
    rolesOf: (userName, proof, asked = names) => {
      const roles = asked.flatMap((name): [string, FleetRole][] => {
        const role = callersOf(name)?.roleOf(userName, proof);
        return role ? [[name, role]] : [];
      });
      return Promise.resolve(new Map(roles));
    },
  };
  const fleetAccounts: FleetAccounts = {
    verify: (userName, password) => {
      const account = accounts.get(userName);
      return Promise.resolve(account?.password === password ? account.role : undefined);
    },
    stampOf: (userName) => {
      const account = accounts.get(userName);
      return account && `${account.role} ${account.password}`;
    },
  };
  const service = createFleetService({
    fleet,
    accounts: fleetAccounts,
    timers: first.timers,
    log: first.write,
    facts: { registryFile: () => Promise.resolve(undefined) },
    uuid: "11111111-2222-4333-8444-555555555555",
    sessionTimeoutSeconds: 1_800,
    maxSessions: 16,
    onLoginFailed: () => undefined,
  });

  async function send(method: string, target: string, token: string, body?: unknown): Promise<Reply> {
    const [path = "", query = ""] = target.split("?", 2);
    const response = await service.handle(
      defined({
        method,
        path,
        query,
        headers: defined({
          ...(token !== "" && { "x-auth-token": token }),
          "content-type": body === undefined ? undefined : "application/json",
        }),
        remote: "192.0.2.9",
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    );
    return { ...response, body: jsonOf(response) };
  }

  return {
    service,
    bmcs,
    accounts,
    send,
    logIn: (userName, password) =>
      send("POST", "/redfish/v1/SessionService/Sessions", "", { UserName: userName, Password: password }),
    listen: async (token) => {
      const { body } = await service.handle({
        method: "GET",
        path: "/redfish/v1/EventService/SSE",
        query: "",
        headers: { "x-auth-token": token },
        remote: "192.0.2.9",
      });
      const lines: string[] = [];
      if (isEventStream(body)) {
        body.subscribe(
          (chunk) => lines.push(...chunk.split("\n").filter((line) => line.startsWith("data:"))),
          () => lines.push("ended"),
        );
      }
      return lines;
    },
  };
}
