/** The chassis: power and its causes, restore policy and identify state (IPMI 2.0 §28). */
import { isDeepStrictEqual } from "node:util";

import { boolean, fields, integer, oneOf, optional } from "../../../base/document/codec.js";
import type { Log } from "../../../base/log.js";
import type { Machine, PowerOperation, PowerOptions } from "../../machine/machine.js";
import type { MachineSnapshot } from "../../machine/snapshot.js";
import type { BootFlags } from "../boot/bootFlags.js";
import type { EventOrigin } from "../events/events.js";
import { isOn, type MachineUpdate } from "../state/machineUpdate.js";
import { createPersistentState } from "../state/persistentState.js";
import type { BmcStorage } from "../state/storage.js";
import type { Timers } from "../timers.js";
import type { PowerHistory } from "./powerHistory.js";
import { type RestartCause, restartCause } from "./restartCause.js";
import { noRestart, type RestartRecord, restartRecordCodec, stillValid, withBootTime } from "./restartRecord.js";

/** Power restore policy (§28.8): applies to a machine that is off when the BMC starts. */
export const restorePolicy = { alwaysOff: 0, previous: 1, alwaysOn: 2 } as const;
export type RestorePolicy = (typeof restorePolicy)[keyof typeof restorePolicy];

export type IdentifyState = "off" | "temporary" | "indefinite";

export interface Chassis {
  /**
   * Runs the command; its effects are attributed to it. Rejects with MachineError. `timeoutMs`: for a client with a
   * longer timeout than IPMI clients.
   */
  readonly power: (
    operation: PowerOperation,
    cause: RestartCause,
    origin: EventOrigin,
    options?: Pick<PowerOptions, "timeoutMs">,
  ) => Promise<void>;
  /** Takes every report of the machine's state. The BMC's first one applies the power restore policy. */
  readonly observe: (update: MachineUpdate) => void;
  readonly restorePolicy: () => RestorePolicy;
  readonly setRestorePolicy: (policy: RestorePolicy) => Promise<void>;
  /** Seconds off in a power cycle, 0-255 (§28.9). */
  readonly cycleIntervalSeconds: () => number;
  readonly setCycleInterval: (seconds: number) => Promise<void>;
  readonly restartCause: () => RestartCause;
  /** The machine was last powered on by a command (§28.2, last power event bit 4). */
  readonly wasPoweredOnByCommand: () => boolean;
  /** Since when the machine is known to be on, ms; undefined otherwise. */
  readonly onSince: () => number | undefined;
  /** `durationMs` may be 0 (off) and Infinity. */
  readonly identify: (durationMs: number) => void;
  readonly identifyState: () => IdentifyState;
  /** Called when the machine is reset or powered off: its software has stopped. */
  readonly onSystemReset: (listener: () => void) => void;
}

export interface ChassisOptions {
  readonly machine: Pick<Machine, "power">;
  readonly bootFlags: BootFlags;
  readonly history: Pick<PowerHistory, "during">;
  /** The last reported state. */
  readonly lastReport: () => MachineSnapshot | undefined;
  readonly storage: BmcStorage;
  readonly timers: Timers;
  readonly log: Log;
}

interface Persisted {
  readonly restorePolicy: RestorePolicy;
  readonly cycleIntervalSeconds: number;
  /** The last observed power state, tracked only while the policy needs it. */
  readonly wasOn: boolean;
  /** Absent until the cause of a start is known. */
  readonly restart?: RestartRecord;
}

/** The commands that use a boot device. */
const boots: readonly PowerOperation[] = ["on", "cycle", "reset", "softReset"];

export function createChassis({
  machine,
  bootFlags,
  history,
  lastReport,
  storage,
  timers,
  log,
}: ChassisOptions): Chassis {
  const state = createPersistentState<Persisted>(storage, "chassis", defaults, codec);
  const resetListeners: (() => void)[] = [];
  let onSince: number | undefined;
  let restart = state.value().restart ?? noRestart;

  async function power(
    operation: PowerOperation,
    cause: RestartCause,
    origin: EventOrigin,
    options: Pick<PowerOptions, "timeoutMs"> = {},
  ): Promise<void> {
    const isStart = operation === "cycle" || (operation === "on" && !isOn(lastReport()));
    if (cause === restartCause.watchdog && operation !== "off") {
      await bootFlags.clearForWatchdog();
    }
    try {
      await history.during({ operation, origin, cause }, () =>
        machine.power(operation, { cycleIntervalMs: state.value().cycleIntervalSeconds * 1_000, ...options }),
      );
    } catch (error) {
      bootFlags.chassisControlled(false);
      throw error;
    }
    bootFlags.chassisControlled(boots.includes(operation));
    if (isStart) {
      started(cause);
      keepState();
    } else if (operation === "reset" || operation === "softReset") {
      restart = { ...restart, cause };
      keepState();
      resetListeners.forEach((listener) => listener());
    }
  }

  function started(cause: RestartCause): void {
    restart = { cause, byCommand: cause === restartCause.chassisControl };
  }

  function observe({ snapshot, previous, transition }: MachineUpdate): void {
    onSince = isOn(snapshot) ? (onSince ?? timers.now()) : undefined;
    if (previous === undefined) {
      restart = stillValid(restart, snapshot);
      applyRestorePolicy(snapshot.powerState === "poweredOff");
    } else if (transition?.isOn) {
      started(transition.command?.cause ?? restartCause.unknown);
    } else if (transition) {
      resetListeners.forEach((listener) => listener());
    }
    restart = withBootTime(restart, snapshot);
    keepState();
  }

  /** The start of a BMC corresponds to the return of mains power to a server. */
  function applyRestorePolicy(isOff: boolean): void {
    const { restorePolicy: policy, wasOn } = state.value();
    const cause = isOff ? causeOfRestore(policy, wasOn) : undefined;
    if (cause === undefined) {
      return;
    }
    log("info", "powering on the VM (power restore policy)");
    power("on", cause, { by: "restorePolicy" }).catch((error: unknown) => {
      log("warn", "cannot power on the VM (power restore policy)", { reason: String(error) });
    });
  }

  function keepState(): void {
    state
      .note((kept) => withRestart(withPowerState(kept)))
      .catch((error: unknown) => {
        log("warn", "the power state and the cause of the last start are not kept", { reason: String(error) });
      });
  }

  function withRestart(kept: Persisted): Persisted {
    const isKnown = kept.restart !== undefined || restart.cause !== restartCause.unknown;
    return !isKnown || isDeepStrictEqual(kept.restart, restart) ? kept : { ...kept, restart };
  }

  function withPowerState(kept: Persisted): Persisted {
    const report = lastReport();
    const wasOn = report ? isOn(report) : kept.wasOn;
    return kept.restorePolicy !== restorePolicy.previous || kept.wasOn === wasOn ? kept : { ...kept, wasOn };
  }

  return {
    power,
    observe,
    restorePolicy: () => state.value().restorePolicy,
    setRestorePolicy: (policy) => state.change((kept) => withPowerState({ ...kept, restorePolicy: policy })),
    cycleIntervalSeconds: () => state.value().cycleIntervalSeconds,
    setCycleInterval: (seconds) => state.change((kept) => ({ ...kept, cycleIntervalSeconds: seconds })),
    restartCause: () => restart.cause,
    wasPoweredOnByCommand: () => restart.byCommand,
    onSince: () => onSince,
    ...createIdentify(timers.now),
    onSystemReset: (listener) => void resetListeners.push(listener),
  };
}

/** The identify light (§28.5), which only Get Chassis Status shows. */
function createIdentify(now: () => number): Pick<Chassis, "identify" | "identifyState"> {
  let until = 0;
  return {
    identify: (durationMs) => {
      until = now() + durationMs;
    },
    identifyState: () => (until === Infinity ? "indefinite" : now() < until ? "temporary" : "off"),
  };
}

/** Why a machine that is off is powered on; undefined if it stays off. */
function causeOfRestore(policy: RestorePolicy, wasOn: boolean): RestartCause | undefined {
  switch (policy) {
    case restorePolicy.alwaysOn:
      return restartCause.restoreAlwaysOn;
    case restorePolicy.previous:
      return wasOn ? restartCause.restorePrevious : undefined;
    case restorePolicy.alwaysOff:
      return undefined;
  }
}

const defaults: Persisted = { restorePolicy: restorePolicy.alwaysOff, cycleIntervalSeconds: 0, wasOn: false };

const codec = fields<Persisted>({
  restorePolicy: oneOf(restorePolicy.alwaysOff, restorePolicy.previous, restorePolicy.alwaysOn),
  cycleIntervalSeconds: integer(0, 0xff),
  wasOn: boolean,
  restart: optional(restartRecordCodec),
});
