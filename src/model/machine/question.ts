/** What is asked of a hypervisor account beside its machines' operations, and the answers, as plain data. */
import type { MachineErrorKind } from "./errors.js";
import type { MachineQuestion, PowerState, QuestionChoice } from "./snapshot.js";

export type AccountQuestion =
  /** How far one gets from here to the power state of each VM. */
  | { readonly name: "diagnose"; readonly machines: readonly QuestionedMachine[] }
  /** Which VMs the account sees; `folder` is an inventory path, `match` a name with `*` and `?`. */
  | { readonly name: "discover"; readonly folder?: string; readonly match?: string }
  /** Accepts the certificate that the server shows now, if it has the fingerprint (any, where none is given). */
  | { readonly name: "trust"; readonly fingerprint?: string }
  /** Answers the question that a VM waits with; without a choice it is only told. A choice is a key or a label. */
  | { readonly name: "answer"; readonly machine: QuestionedMachine; readonly choice?: string };

/** A VM by UUID when there is one, else by name. */
export interface QuestionedMachine {
  /** The key of the answer. */
  readonly vmName: string;
  /** The VM's name, when it is not vmName. */
  readonly machineName?: string;
  readonly vmUuid?: string;
}

export type AccountAnswer =
  | { readonly ok: true; readonly diagnoses: readonly Diagnosis[] }
  | { readonly ok: true; readonly machines: readonly DiscoveredMachine[] }
  /** SHA-256 fingerprints of the certificate trusted from now on, and of the one before. */
  | { readonly ok: true; readonly trusted: string; readonly former?: string }
  /** `answered` is the choice taken. */
  | { readonly ok: true; readonly question: MachineQuestion; readonly answered?: QuestionChoice }
  | { readonly ok: false; readonly kind: MachineErrorKind; readonly message: string };

/** In the order in which they build upon each other. */
export const accountSteps = [
  "vCenter",
  "certificate",
  "vCenter login",
  "virtual machine",
  "power state",
  "privileges",
  "VMware Tools",
] as const;

/** `warning`: it works, but not all of it; `unknown`: nobody can tell; `skipped`: an earlier step has failed. */
export type StepStatus = "ok" | "failed" | "warning" | "unknown" | "skipped";

export interface Diagnosis {
  readonly vmName: string;
  readonly steps: readonly DiagnosisStep[];
}

export interface DiagnosisStep {
  readonly step: (typeof accountSteps)[number];
  readonly status: StepStatus;
  /** What was found; of a failure also what to do. One line, no secret. */
  readonly detail: string;
}

export interface DiscoveredMachine {
  readonly name: string;
  readonly instanceUuid?: string;
  readonly powerState?: PowerState;
  readonly toolsRunning?: boolean;
}
