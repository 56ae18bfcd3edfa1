/**
 * Questions to a hypervisor account that are not about a single machine's operations, and the answers, as plain data.
 */
import type { DiscoveredMachine } from "../../model/machine/discoveredMachine.js";
import type { MachineErrorKind } from "../../model/machine/errors.js";
import type { MachineQuestion, QuestionChoice } from "../../model/machine/snapshot.js";

export type AccountQuestion =
  /** Checks every step from the connection to the power state of each VM. */
  | { readonly name: "diagnose"; readonly machines: readonly QuestionedMachine[] }
  /** Which VMs the account can see; `folder` is an inventory path, `match` a name with `*` and `?`. */
  | { readonly name: "discover"; readonly folder?: string; readonly match?: string }
  /** Trusts the certificate that the server shows now, if it has the fingerprint (any, if none is given). */
  | { readonly name: "trust"; readonly fingerprint?: string }
  /** Answers the question that blocks a VM; without a choice, only returns it. A choice is a key or a label. */
  | { readonly name: "answer"; readonly machine: QuestionedMachine; readonly choice?: string };

/** A VM by UUID if given, else by name. */
export interface QuestionedMachine {
  /** The key of the answer. */
  readonly vmName: string;
  /** The VM's name, if it differs from vmName. */
  readonly machineName?: string;
  readonly vmUuid?: string;
}

export type AccountAnswer =
  | { readonly ok: true; readonly diagnoses: readonly Diagnosis[] }
  | { readonly ok: true; readonly machines: readonly DiscoveredMachine[] }
  /** SHA-256 fingerprints of the certificate that is now trusted, and of the previous one. */
  | { readonly ok: true; readonly trusted: string; readonly former?: string }
  /** `answered` is the choice made. */
  | { readonly ok: true; readonly question: MachineQuestion; readonly answered?: QuestionChoice }
  | { readonly ok: false; readonly kind: MachineErrorKind; readonly message: string };

/** In order: each step requires the previous ones. */
export const accountSteps = [
  "vCenter",
  "certificate",
  "vCenter login",
  "virtual machine",
  "power state",
  "privileges",
  "media",
  "VMware Tools",
] as const;

/** `warning`: works with restrictions; `unknown`: could not be determined; `skipped`: an earlier step has failed. */
export type StepStatus = "ok" | "failed" | "warning" | "unknown" | "skipped";

export interface Diagnosis {
  readonly vmName: string;
  readonly steps: readonly DiagnosisStep[];
}

export interface DiagnosisStep {
  readonly step: (typeof accountSteps)[number];
  readonly status: StepStatus;
  /** The finding; for a failure also the remedy. One line, no secret. */
  readonly detail: string;
}
