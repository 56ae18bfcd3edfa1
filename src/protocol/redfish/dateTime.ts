/** The BMC's time (IPMI 2.0 §31.10-11b, §37) in Redfish format: seconds of local time, and its offset from UTC. */
import { type Clock, unspecifiedUtcOffset } from "../../model/bmc/clock.js";

/** Record times up to here count from the start of a BMC, not from 1970 (§37). */
const lastRelativeTime = 0x2000_0000;
const unspecifiedTime = 0xffff_ffff;

export function dateTime(clock: Clock, seconds = clock.now()): string {
  return new Date(seconds * 1_000).toISOString().replace(/\.\d+Z$/, zone(clock));
}

/** undefined for a record without a time. */
export function recordTime(clock: Clock, seconds: number): string | undefined {
  return seconds <= lastRelativeTime || seconds === unspecifiedTime ? undefined : dateTime(clock, seconds);
}

export function localOffset(clock: Clock): string {
  return zone(clock).replace("Z", "+00:00");
}

/** The BMC's time defaults to UTC. */
function minutesAhead(clock: Clock): number {
  const offset = clock.utcOffset();
  return offset === unspecifiedUtcOffset ? 0 : offset;
}

function zone(clock: Clock): string {
  const minutes = minutesAhead(clock);
  const part = (value: number): string => String(value).padStart(2, "0");
  const size = Math.abs(minutes);
  return minutes === 0 ? "Z" : `${minutes < 0 ? "-" : "+"}${part(Math.floor(size / 60))}:${part(size % 60)}`;
}

/** `2026-01-02T03:04:05+01:00`, or with `Z`. */
export const dateTimePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
export const offsetPattern = /^[+-](0\d|1[0-4]):[0-5]\d$/;

/** Changes the time zone but not the moment. Rejects with StorageError. */
export async function setLocalOffset(clock: Clock, offset: string): Promise<void> {
  const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
  const ahead = (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
  const utc = clock.now() - minutesAhead(clock) * 60;
  await clock.setUtcOffset(ahead);
  await clock.set(utc + ahead * 60);
}

/** false for a moment that the BMC's clock cannot represent. Rejects with StorageError. */
export async function setDateTime(clock: Clock, text: string): Promise<boolean> {
  const seconds = Math.floor(Date.parse(text) / 1_000) + minutesAhead(clock) * 60;
  if (!(seconds >= 0 && seconds < unspecifiedTime)) {
    return false;
  }
  await clock.set(seconds);
  return true;
}
