/** The BMCs that one child serves: each is created from its configuration, and fails or ends independently. */
import { randomBytes } from "node:crypto";

import { createKeyedQueue } from "../../base/async/serialQueue.js";
import { defined } from "../../base/defined.js";
import { reasonOf } from "../../base/errors.js";
import type { MediaSlot } from "../../model/machine/media.js";
import { createRandomPool } from "../../protocol/ipmi/session/randomPool.js";
import type { CertificateMessage, ToChild } from "../ipc/child.js";
import type { BmcConfiguration } from "../ipc/configuration.js";
import type { MachineEvent, MachineReport } from "../ipc/reports.js";
import { keepHeapSmall } from "../ipc/smallHeap.js";
import type { Exchanged } from "../ipc/web.js";
import { createRedfishLoader } from "./redfishLoader.js";
import { createRemoteMachine, type RemoteMachine } from "./remoteMachine.js";
import { createRunningBmc, type RunningBmc, type SharedByBmcs } from "./runningBmc.js";
import type { SupervisorChannel } from "./supervisorChannel.js";

export interface BmcHost {
  /** Serves another BMC, or restarts the same one with another configuration; reports `ready` or `failed`. */
  readonly serve: (configuration: BmcConfiguration) => Promise<void>;
  readonly withdraw: (vmName: string) => Promise<void>;
  readonly report: (vmName: string, report: MachineReport) => void;
  readonly reportMedia: (vmName: string, slots: readonly MediaSlot[]) => void;
  readonly onEvent: (vmName: string, event: MachineEvent) => void;
  /** A request from the service of all BMCs to one of them; answered with `exchanged`. */
  readonly exchange: (message: Extract<ToChild, { type: "exchange" }>) => Promise<void>;
  /** Answered with `role`. */
  readonly askRole: (message: Extract<ToChild, { type: "askRole" }>) => void;
  /** The certificate of the Redfish services. */
  readonly certificate: (message: CertificateMessage) => void;
  readonly close: () => Promise<void>;
}

export function createBmcHost(channel: SupervisorChannel): BmcHost {
  const running = new Map<string, RunningBmc>();
  const redfishLoader = createRedfishLoader();
  const shared: SharedByBmcs = { channel, redfishLoader, randomBytes: createRandomPool(randomBytes) };
  /** By VM: reports may arrive before its BMC listens, and outlast a change of its configuration. */
  const machines = new Map<string, RemoteMachine>();

  function machineOf(vmName: string): RemoteMachine {
    const machine =
      machines.get(vmName) ?? createRemoteMachine((...operation) => channel.operate(vmName, ...operation));
    machines.set(vmName, machine);
    return machine;
  }

  /** Starts and stops of one VM's BMC run one after the other, in the given order. */
  const queue = createKeyedQueue();

  async function end(vmName: string): Promise<void> {
    const bmc = running.get(vmName);
    running.delete(vmName);
    await bmc?.close();
  }

  let starting = 0;

  /** A start of hundreds takes a quarter more CPU time in a heap that is kept small. */
  async function serveAndTidy(configuration: BmcConfiguration): Promise<void> {
    starting++;
    await serve(configuration);
    starting--;
    if (starting === 0 && running.size > 1) {
      keepHeapSmall();
    }
  }

  async function serve(configuration: BmcConfiguration): Promise<void> {
    const { vmName } = configuration;
    try {
      await end(vmName);
      if (machines.get(vmName)?.snapshot() === undefined) {
        // The new configuration may name another VM, so the previous state is useless.
        machines.delete(vmName);
      }
      const machine = machineOf(vmName);
      const bmc = await createRunningBmc(configuration, machine, shared);
      running.set(vmName, bmc);
      const snapshot = machine.snapshot();
      if (snapshot) {
        bmc.observe(snapshot);
      }
      channel.send({ type: "ready", vmName });
    } catch (error) {
      channel.send({ type: "failed", vmName, reason: reasonOf(error) });
    }
  }

  return {
    serve: (configuration) => queue.run(configuration.vmName, () => serveAndTidy(configuration)),
    withdraw: (vmName) =>
      queue.run(vmName, async () => {
        machines.delete(vmName);
        await end(vmName);
        channel.send({ type: "withdrawn", vmName });
      }),
    report: (vmName, report) => {
      machineOf(vmName).receive(report);
      if (report.fresh) {
        running.get(vmName)?.observe(report.snapshot);
      }
    },
    reportMedia: (vmName, slots) => machines.get(vmName)?.receiveMedia(slots),
    onEvent: (vmName, event) => {
      machines.get(vmName)?.operationFailed();
      running.get(vmName)?.onEvent(event);
    },
    exchange: async ({ id, vmName, request, caller }) => {
      const exchanged: Exchanged = (await running.get(vmName)?.fleetRequests().exchange(request, caller)) ?? {
        fault: "the BMC is being started or stopped",
      };
      channel.send({ type: "exchanged", vmName, id, exchanged });
    },
    askRole: ({ id, vmName, userName, proof }) => {
      const role = running.get(vmName)?.fleetRequests().roleOf(userName, proof);
      channel.send(defined({ type: "role", vmName, id, role }));
    },
    certificate: redfishLoader.receive,
    close: async () => {
      await queue.settled();
      await Promise.all([...running.keys()].map(end));
    },
  };
}
