/** Events as SEL records (IPMI 2.0 §32.1, table 32-1; sensor types of table 42-3). */
import { recordOrigins } from "../../sel/recordText.js";
import { deasserted, encodeSystemEvent, ownGenerator, sensorSpecific, severity } from "../../sel/systemEvent.js";
import { sensorType } from "../sensors/sensor.js";
import { sensorNumber } from "../sensors/sensorNumber.js";
import type { BmcEvent, EventOrigin, PowerChange } from "./events.js";

const eventMessageRevision = 0x04;
/** Event data 1, bits [7:4]: the content of data 2 and 3. */
const oemData = 0xa0;
const extensionData = 0xf0;
const unspecified = 0xff;
const lanChannel = 0x01;

/** A system event without time and ID. */
interface Fields {
  readonly type: number;
  readonly number: number;
  /** Event type, with the direction in bit 7. */
  readonly event: number;
  readonly data: readonly [number, number?, number?];
}

/**
 * A record without its ID; `now` is the BMC's time in seconds. Never an OEM record type: pyghmi cannot read a log with
 * one.
 */
export function toSelRecord(event: BmcEvent, now: number): Buffer {
  const { type, number, event: eventType, data } = fieldsOf(event);
  const [data1, data2 = unspecified, data3 = unspecified] = data;
  return encodeSystemEvent(ownGenerator, [eventMessageRevision, type, number, eventType, data1, data2, data3], now);
}

function fieldsOf(event: BmcEvent): Fields {
  switch (event.type) {
    case "bmcStarted":
      // Transition to OK. FreeIPMI does not interpret "microcontroller, transition to running", which monitors then
      // show as unknown.
      return {
        type: sensorType.managementHealth,
        number: sensorNumber.controller,
        event: severity,
        data: [0x00],
      };
    case "power":
      return powerFields(event.change, event.origin);
    case "booted":
      // Not "boot completed, device not specified": FreeIPMI reports only that one as a warning.
      return {
        type: sensorType.operatingSystemBoot,
        number: sensorNumber.operatingSystem,
        event: sensorSpecific,
        data: [bootOffsets[event.device]],
      };
    case "questionAsked":
      // Transition to critical from less severe.
      return questionFields(0x02);
    case "questionAnswered":
      // Transition to OK.
      return questionFields(0x00);
    case "diagnosticInterrupt":
      return {
        type: sensorType.criticalInterrupt,
        number: sensorNumber.criticalInterrupt,
        event: sensorSpecific,
        data: withOrigin(0x00, event.origin),
      };
    case "operationFailed":
      return failureFields(event.operation, event.origin);
    case "loginFailed":
      return {
        type: sensorType.sessionAudit,
        number: sensorNumber.sessionAudit,
        event: sensorSpecific,
        // Invalid user name or password; invalid password disable.
        data: [extensionData | (event.disablesUser ? 0x03 : 0x02), event.userId & 0x3f, lanChannel],
      };
    case "selCleared":
      return {
        type: sensorType.eventLoggingDisabled,
        number: sensorNumber.eventLog,
        event: sensorSpecific,
        data: [0x02],
      };
    case "watchdogExpired":
      return {
        type: sensorType.watchdog2,
        number: sensorNumber.watchdog,
        event: sensorSpecific,
        data: [extensionData | watchdogOffsets[event.action], (event.interrupt << 4) | event.timerUse, unspecified],
      };
  }
}

/** A:, C:, PXE and CD-ROM boot completed. */
const bootOffsets = { floppy: 0x00, disk: 0x01, pxe: 0x02, cdrom: 0x04 } as const;

function questionFields(offset: number): Fields {
  return { type: sensorType.managementHealth, number: sensorNumber.question, event: severity, data: [offset] };
}

const watchdogOffsets = { none: 0x00, reset: 0x01, off: 0x02, cycle: 0x03, preTimeoutInterrupt: 0x08 } as const;

function powerFields(change: PowerChange, origin: EventOrigin): Fields {
  const unit = { type: sensorType.powerUnit, number: sensorNumber.powerUnit };
  switch (change) {
    case "off":
      return { ...unit, event: sensorSpecific, data: withOrigin(0x00, origin) };
    case "on":
      // "Power off" deasserted: there is no offset for "on".
      return { ...unit, event: sensorSpecific | deasserted, data: withOrigin(0x00, origin) };
    case "cycle":
      return { ...unit, event: sensorSpecific, data: withOrigin(0x01, origin) };
    case "reset":
      return {
        type: sensorType.systemRestart,
        number: sensorNumber.systemRestart,
        event: sensorSpecific,
        // Initiated by hard reset.
        data: withOrigin(0x01, origin),
      };
    case "softReset":
      return {
        type: sensorType.systemRestart,
        number: sensorNumber.systemRestart,
        event: sensorSpecific,
        // Initiated by warm reset.
        data: withOrigin(0x02, origin),
      };
  }
}

function failureFields(operation: string, origin: EventOrigin | undefined): Fields {
  // Soft power control failure; else: controller access degraded.
  const [type, number, offset] =
    operation === "power"
      ? [sensorType.powerUnit, sensorNumber.powerUnit, 0x05]
      : [sensorType.managementHealth, sensorNumber.management, 0x01];
  return { type, number, event: sensorSpecific, data: origin ? withOrigin(offset, origin) : [offset] };
}

/**
 * Event data 2 is the cause: bits [7:6] its kind, [5:0] the user ID of a command; data 3 is the last byte of the
 * console's address, enough to tell the machines of a lab apart. The log has the full address.
 */
function withOrigin(offset: number, origin: EventOrigin): readonly [number, number, number] {
  const isCommand = origin.by === "command";
  return [
    oemData | offset,
    (recordOrigins.indexOf(origin.by) << 6) | (isCommand ? origin.userId & 0x3f : 0),
    isCommand ? lastByte(origin.address) : unspecified,
  ];
}

/** Of an IPv4 address in dotted text, or an IPv6 address. */
function lastByte(address: string): number {
  const [, decimal] = /\.(\d+)$/.exec(address) ?? [];
  const [, hex] = /([0-9a-f]*)(?:%.*)?$/i.exec(address) ?? [];
  return decimal === undefined ? Number.parseInt(hex || "0", 16) & 0xff : Number(decimal);
}
