/** One VM that the link serves: its reference, its last known state, and the callers that wait for it. */
import { isDeepStrictEqual } from "node:util";

import { createWaits } from "../../base/async/waitUntil.js";
import { defined } from "../../base/defined.js";
import { MachineError } from "../../model/machine/errors.js";
import type { MachineSnapshot } from "../../model/machine/snapshot.js";
import type { ReadIdentity } from "../../vsphere/identity.js";
import { decodeName } from "../../vsphere/inventory.js";
import type { KnownState } from "../../vsphere/knownState.js";
import type { MoRef } from "../../vsphere/moRef.js";
import type { VirtualMachine } from "../../vsphere/virtualMachine.js";
import type { ServedMachine } from "../ipc/configuration.js";
import type { MachineReport } from "../ipc/reports.js";
import type { BootWatch } from "./bootWatch.js";
import type { MediaWatch } from "./mediaWatch.js";

/** The parts of a VM that exist once it has been found. */
export interface FoundVm {
  readonly reference: MoRef;
  /** Made for the first operation. */
  readonly virtualMachine: () => VirtualMachine;
  readonly bootWatch: BootWatch;
  readonly mediaWatch: MediaWatch;
  /** The BMC no longer represents it; `isWithdrawn`: because it was stopped. */
  readonly close: (isWithdrawn: boolean) => void;
}

export interface ServedVm {
  readonly vmName: string;
  readonly machine: ServedMachine;
  readonly state: KnownState;
  /** undefined before it has been found, and after it is gone. */
  readonly found: () => FoundVm | undefined;
  readonly attach: (found: FoundVm, identity: ReadIdentity) => void;
  readonly detach: () => void;
  /** Identity of the VM that it represents, or represented last. */
  readonly identity: () => ReadIdentity | undefined;
  readonly recognise: (identity: ReadIdentity) => void;
  /** It was found by name and has been renamed: another VM may have taken the name. */
  readonly isRenamed: () => boolean;
  /** Resolves once the VM has been found or the reason of its absence is known; after `timeoutMs` at most. */
  readonly whenFound: (timeoutMs: number) => Promise<void>;
  /** The last update, or why there is none; undefined before the first. */
  readonly lastUpdate: () => MachineSnapshot | MachineError | undefined;
  /** Takes an update, and forwards what has changed. */
  readonly apply: (update: MachineSnapshot | MachineError) => void;
  /** Sends the last update again. */
  readonly repeat: () => void;
}

export function createServedVm(machine: ServedMachine, report: (report: MachineReport) => void): ServedVm {
  let update: MachineSnapshot | MachineError | undefined;
  let found: FoundVm | undefined;
  let identity: ReadIdentity | undefined;
  let count = 0;
  const waits = createWaits();

  const current = (): MachineSnapshot | undefined => (update instanceof MachineError ? undefined : update);

  function repeat(): void {
    if (update instanceof MachineError) {
      const { kind, message: reason, nextTry } = update;
      report(defined({ fresh: false, kind, reason, nextTry }));
    } else if (update) {
      report({ fresh: true, snapshot: update });
    }
  }

  function apply(latest: MachineSnapshot | MachineError): void {
    const before = update;
    update = latest;
    count++;
    // Only a property outside the snapshot may have changed.
    if (!isDeepStrictEqual(before, latest)) {
      repeat();
    }
    waits.check();
  }

  return {
    vmName: machine.vmName,
    machine,
    found: () => found,
    attach: (vm, read) => {
      found = vm;
      identity = read;
      waits.check();
    },
    detach: () => {
      found = undefined;
    },
    identity: () => identity,
    recognise: (latest) => {
      identity = latest;
    },
    isRenamed: () => {
      const { vmUuid, vmName, machineName = vmName } = machine;
      const name = identity?.name;
      return found !== undefined && vmUuid === undefined && name !== undefined && !isNamed(name, machineName);
    },
    whenFound: async (timeoutMs) => {
      // "busy" means that the connection or the lookup is still in progress.
      await waits.until(
        () => found !== undefined || (update instanceof MachineError && update.kind !== "busy"),
        timeoutMs,
      );
    },
    lastUpdate: () => update,
    apply,
    repeat,
    state: {
      current,
      mark: () => count,
      adopt: (snapshot, mark) => {
        // While the state is stale, a state that was read may be outdated a moment later.
        if (current() && mark === count) {
          apply(snapshot);
        }
      },
      awaitUpdate: (predicate, timeoutMs) =>
        waits.until(() => {
          const snapshot = current();
          return snapshot !== undefined && predicate(snapshot);
        }, timeoutMs),
      awaitPowerState: (state, timeoutMs) => waits.until(() => current()?.powerState === state, timeoutMs),
    },
  };
}

function isNamed(stored: string, name: string): boolean {
  return stored === name || decodeName(stored) === name;
}
