/** The states of sensors that tell a severity (IPMI 2.0 table 42-2). */
import type { HealthStatus } from "../../machine/snapshot.js";

/** Generic event/reading type 07h, severity (table 42-2). */
export const severityType = 0x07;
/** OK, non-critical, critical. */
export const severityStates = 0x07;

const bits: Readonly<Record<HealthStatus, number | undefined>> = {
  green: 0x01,
  yellow: 0x02,
  red: 0x04,
  // vSphere uses gray for an unknown status.
  gray: undefined,
};

export function severityOf(status: HealthStatus | undefined): number | undefined {
  return status && bits[status];
}
