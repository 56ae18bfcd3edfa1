/** Why the machine was started last (IPMI 2.0 §28.11), kept over restarts of the BMC. */
import { boolean, fields, integer, oneOf, optional } from "../../../base/document/codec.js";
import type { MachineSnapshot } from "../../machine/snapshot.js";
import { type RestartCause, restartCause } from "./restartCause.js";

export interface RestartRecord {
  readonly cause: RestartCause;
  /** The machine was last switched on by a command (§28.2, last power event bit 4). */
  readonly byCommand: boolean;
  /** When it was started, ms since the epoch, where vSphere says so. */
  readonly bootedAt?: number;
}

export const noRestart: RestartRecord = { cause: restartCause.unknown, byCommand: false };

/** vCenter computes the time from the host's uptime: it may be off by some seconds after a reconnection. */
const sameBootMs = 30_000;

/** What is still valid when a BMC starts and the machine is as reported: nothing if it has been started since. */
export function stillValid(record: RestartRecord, snapshot: MachineSnapshot): RestartRecord {
  return record.bootedAt === undefined || withBootTime(record, snapshot) === record ? record : noRestart;
}

/** With the time of the start, if the report has another one. */
export function withBootTime(record: RestartRecord, { bootTime }: MachineSnapshot): RestartRecord {
  const bootedAt = bootTime === undefined ? NaN : Date.parse(bootTime);
  const isSame = Number.isNaN(bootedAt) || Math.abs(bootedAt - (record.bootedAt ?? -Infinity)) <= sameBootMs;
  return isSame ? record : { ...record, bootedAt };
}

const latestDate = 8.64e15;

export const restartRecordCodec = fields<RestartRecord>({
  cause: oneOf(...Object.values(restartCause)),
  byCommand: boolean,
  bootedAt: optional(integer(-latestDate, latestDate)),
});
