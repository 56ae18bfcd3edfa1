/** How each operation of a VM is carried out: one row for each, bounded by `timeoutMs`. */
import type { MachineOperation, MachineOperationName, MachineOperations } from "../model/machine/operation.js";
import type { MachineSnapshot } from "../model/machine/snapshot.js";
import type { BootOverrides } from "./bootOverrides.js";
import {
  type ConsolePortOptions,
  readSerialPorts,
  reconnectConsole,
  removeConsole,
  setUpConsole,
} from "./consolePort.js";
import { configureFirmware } from "./firmwareSettings.js";
import { readInventory } from "./hardware.js";
import type { KnownState } from "./knownState.js";
import type { MachineMedia } from "./media/machineMedia.js";
import type { MoRef } from "./moRef.js";
import { sendNmi } from "./nmi.js";
import { type PowerControl, pushLagMs } from "./powerControl.js";
import { readScreen } from "./screen.js";
import type { VimSession } from "./session.js";
import type { StatisticsReader } from "./statistics.js";
import { begin, type Progress } from "./task.js";

/** IPMI 2.0 §28.9: the power cycle interval is in seconds, and 0 means no delay; a VM needs none. */
const defaultCycleIntervalMs = 0;

export interface Run {
  readonly progress: Progress;
  readonly timeoutMs: number;
}

export type Performer<Name extends MachineOperationName> = (
  operation: MachineOperation<Name>,
  run: Run,
) => Promise<MachineOperations[Name]["result"]>;

export type Performers = { readonly [Name in MachineOperationName]: Performer<Name> };

export interface PerformerOptions {
  readonly session: VimSession;
  /** The server as configured. */
  readonly viserver: string;
  readonly reference: MoRef;
  readonly state: KnownState;
  readonly power: PowerControl;
  readonly boot: BootOverrides;
  readonly media: MachineMedia;
  readonly readStatistics: StatisticsReader;
  /** Changes the VM's configuration by a ConfigSpec. */
  readonly reconfigure: (progress: Progress, spec: Record<string, unknown>) => Promise<void>;
}

export function createPerformers(options: PerformerOptions): Performers {
  const { session, reference, power, boot, media, reconfigure } = options;
  const consolePort = (progress: Progress): ConsolePortOptions => ({
    session,
    reference,
    reconfigure: (spec) => reconfigure(progress, spec),
  });
  return {
    readSnapshot: (_operation, { timeoutMs }) => power.read(timeoutMs),
    readStatistics: (_operation, { timeoutMs }) => options.readStatistics(reference, timeoutMs),
    readBootOverride: boot.read,
    readInventory: (_operation, { timeoutMs }) => readInventory(session, reference, timeoutMs),
    power: async ({ power: wanted, cycleIntervalMs = defaultCycleIntervalMs }, run) => {
      await power.perform(wanted, { ...run, cycleIntervalMs });
      return undefined;
    },
    setBootOverride: async ({ override }, { progress }) => {
      await boot.set(progress, override);
      return undefined;
    },
    configure: async ({ change }, { progress }) => {
      await configure(options, change, progress);
      return undefined;
    },
    diagnosticInterrupt: async (_operation, { progress }) => {
      begin(progress);
      await sendNmi(session, reference, options.viserver);
      return undefined;
    },
    readScreen: async (_operation, { timeoutMs }) => {
      const isOn = options.state.current()?.powerState === "poweredOn";
      return { png: (await readScreen(session, reference, isOn, timeoutMs)).toString("base64") };
    },
    readMedia: () => media.read(),
    insertMedia: async (insertion, { progress }) => {
      await media.insert(insertion, progress);
      return undefined;
    },
    ejectMedia: async ({ slot }, { progress }) => {
      await media.eject(slot, progress);
      return undefined;
    },
    readSerialPorts: () => readSerialPorts({ session, reference }),
    setUpConsole: (setup, { progress }) => setUpConsole(consolePort(progress), setup),
    reconnectConsole: async ({ serviceUri }, { progress }) => ({
      isReconnected: await reconnectConsole(consolePort(progress), serviceUri),
    }),
    removeConsole: async (sought, { progress }) => ({
      isRemoved: await removeConsole(consolePort(progress), sought),
    }),
  };
}

/** The change must be visible once the operation is answered. */
async function configure(
  { session, reference, state, power, reconfigure }: PerformerOptions,
  change: MachineOperation<"configure">["change"],
  progress: Progress,
): Promise<void> {
  const before = state.current();
  const isDone = await configureFirmware(session, reference, change, (spec) => reconfigure(progress, spec));
  const isUpdate = (now: MachineSnapshot): boolean => now.changeVersion !== before?.changeVersion;
  if (isDone && !(await state.awaitUpdate(isUpdate, pushLagMs))) {
    await power.read(pushLagMs);
  }
}
