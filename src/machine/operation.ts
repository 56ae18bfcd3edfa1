/** The machine's operations and results as plain data, for the way between the processes. */
import type { MachineErrorKind } from "./errors.js";
import type { BootOverride, PowerOperation } from "./machine.js";
import type { MachineSnapshot } from "./snapshot.js";
import type { MachineStatistics } from "./statistics.js";

export type MachineOperation =
  | { readonly name: "readSnapshot" }
  | { readonly name: "readStatistics" }
  | { readonly name: "power"; readonly power: PowerOperation; readonly cycleIntervalMs?: number }
  | { readonly name: "readBootOverride" }
  | { readonly name: "setBootOverride"; readonly override: BootOverride | null }
  | { readonly name: "diagnosticInterrupt" };

const readings: readonly MachineOperation["name"][] = ["readSnapshot", "readStatistics", "readBootOverride"];

/** Whoever gets no answer to it cannot know whether something has changed. */
export function changesMachine({ name }: MachineOperation): boolean {
  return !readings.includes(name);
}

/**
 * `snapshot` answers readSnapshot and power (the state after it), `statistics` answers readStatistics, `override` answers
 * readBootOverride.
 */
export type MachineOperationResult =
  | {
      readonly ok: true;
      readonly snapshot?: MachineSnapshot;
      readonly statistics?: MachineStatistics;
      readonly override?: BootOverride | null;
    }
  | { readonly ok: false; readonly kind: MachineErrorKind; readonly message: string };
