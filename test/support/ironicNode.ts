/** A node of Ironic, driven through its API as `baremetal node …` does. */
import { setTimeout as sleep } from "node:timers/promises";

import type { Ironic } from "./ironic.js";
import { IronicError, type IronicRequest, ironicWaitMs, pollIntervalMs } from "./ironicApi.js";

export interface NodeState {
  readonly provision_state: string;
  readonly target_provision_state: string | null;
  readonly power_state: string | null;
  readonly target_power_state: string | null;
  readonly boot_mode: string | null;
  /** Who has locked the node. */
  readonly reservation: string | null;
  readonly last_error: string | null;
  readonly maintenance: boolean;
  readonly maintenance_reason: string | null;
  readonly fault: string | null;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface BootDevice {
  readonly boot_device: string | null;
  readonly persistent: boolean | null;
}

export type PowerTarget = "power on" | "power off" | "rebooting" | "soft power off" | "soft rebooting";

export interface IronicNode {
  readonly show: () => Promise<NodeState>;
  /** Resolves with the first state that fits. */
  readonly until: (fits: (state: NodeState) => boolean, what: string) => Promise<NodeState>;
  /** interface → undefined when it is valid, else the reason. */
  readonly validate: () => Promise<Readonly<Record<string, string | undefined>>>;
  /** Asks for a verb of the provisioning state machine and waits for the state that it leads to. */
  readonly provision: (verb: string, state: string) => Promise<NodeState>;
  /** Waits until Ironic is done; an error that it met is thrown. */
  readonly power: (target: PowerTarget) => Promise<NodeState>;
  readonly setBootDevice: (device: string, persistent: boolean) => Promise<void>;
  readonly bootDevice: () => Promise<BootDevice>;
  /** Of `resource` below the node. */
  readonly request: IronicRequest;
  /** One method of the vendor interface, `send_raw` or `bmc_reset`; Ironic tells only its log when that fails. */
  readonly vendor: (method: string, body: unknown) => Promise<void>;
}

/** Enrols a node; `fields` are those of `POST /v1/nodes`. */
export async function enrol(
  ironic: Ironic,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<IronicNode> {
  await ironic.request("POST", "nodes", { name, ...fields });
  return enrolledNode(ironic, name);
}

export function enrolledNode(ironic: Ironic, name: string): IronicNode {
  const request: IronicRequest = (method, resource, body) =>
    ironic.request(method, `nodes/${name}${resource === "" ? "" : `/${resource}`}`, body);
  const show = async () => (await request("GET", "")) as NodeState;
  const until: IronicNode["until"] = (fits, what) => awaitState(show, fits, `${name} is not ${what}`, ironic);
  const settled: IronicNode["until"] = async (fits, what) => checkState(await until(isSettled(fits), what));

  return {
    show,
    until,
    request,
    validate: async () => validity(await request("GET", "validate")),
    provision: async (verb, state) => {
      await request("PUT", "states/provision", { target: verb });
      return settled((now) => now.provision_state === state, state);
    },
    power: async (target) => {
      await request("PUT", "states/power", { target });
      return settled((now) => now.target_power_state === null, `done with ${target}`);
    },
    setBootDevice: async (device, persistent) => {
      await request("PUT", "management/boot_device", { boot_device: device, persistent });
    },
    bootDevice: async () => (await request("GET", "management/boot_device")) as BootDevice,
    vendor: async (method, body) => {
      const from = ironic.text().length;
      await request("POST", `vendor_passthru?method=${method}`, body);
      await until((now) => now.reservation === null, `done with ${method}`);
      const failure = new RegExp(`vendor_passthru failed with method ${method}[^]*`).exec(ironic.text().slice(from));
      if (failure) {
        throw new IronicError(0, failure[0]);
      }
    },
  };
}

async function awaitState(
  show: IronicNode["show"],
  fits: (state: NodeState) => boolean,
  complaint: string,
  ironic: Ironic,
): Promise<NodeState> {
  const endsAt = Date.now() + ironicWaitMs;
  for (;;) {
    const state = await show();
    if (fits(state)) {
      return state;
    }
    if (Date.now() > endsAt) {
      throw new Error(`${complaint} in time: ${JSON.stringify(state)}\n${ironic.tail()}`);
    }
    await sleep(pollIntervalMs);
  }
}

/** A change that Ironic makes behind its answer is over, well or not, when it gives its lock back. */
function isSettled(fits: (state: NodeState) => boolean): (state: NodeState) => boolean {
  return (state) => state.reservation === null && (fits(state) || state.last_error !== null);
}

function checkState(state: NodeState): NodeState {
  if (state.last_error !== null) {
    throw new IronicError(0, state.last_error);
  }
  return state;
}

function validity(answer: unknown): Readonly<Record<string, string | undefined>> {
  const interfaces = Object.entries(answer as Record<string, { result: boolean; reason?: string }>);
  return Object.fromEntries(
    interfaces.map(([name, { result, reason }]) => [name, result ? undefined : String(reason)]),
  );
}
