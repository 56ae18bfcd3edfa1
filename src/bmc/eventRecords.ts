/** Events as SEL records (IPMI 2.0 §32.1 system events, §32.2 OEM records; sensor types of table 42-3). */
import type { BmcEvent, EventOrigin, PowerChange } from "./events.js";
import { sensorNumber } from "./sensorNumber.js";

const systemEvent = 0x02;
/** Who did it, behind a record of something that a command did. */
const originIpv4 = 0xc0;
const originIpv6 = 0xc1;
/** VMware's IANA enterprise number, as Get Device ID tells it. */
const manufacturerId = 6876;
/** Generator: the BMC itself, IPMB address 20h, channel and LUN 0. */
const generator = [0x20, 0x00] as const;
const eventMessageRevision = 0x04;
const sensorSpecific = 0x6f;
/** Generic event type 0Ah, availability. */
const availability = 0x0a;
const deasserted = 0x80;
/** Event data 1, bits [7:4]: what data 2 and 3 hold. */
const oemData = 0xa0;
const extensionData = 0xf0;
const unspecified = 0xff;
const lanChannel = 0x01;

const sensorType = {
  powerUnit: 0x09,
  eventLoggingDisabled: 0x10,
  criticalInterrupt: 0x13,
  microcontroller: 0x16,
  systemRestart: 0x1d,
  operatingSystemBoot: 0x1f,
  watchdog2: 0x23,
  managementHealth: 0x28,
  sessionAudit: 0x2a,
} as const;

/** A system event without time and ID. */
interface Fields {
  readonly type: number;
  readonly number: number;
  /** Event type, with the direction in bit 7. */
  readonly event: number;
  readonly data: readonly [number, number?, number?];
}

/** Records without IDs; `now` is the BMC's time in seconds. */
export function toSelRecords(event: BmcEvent, now: number): readonly Buffer[] {
  const records = [encodeSystemEvent(fieldsOf(event), now)];
  const origin = event.type === "loginFailed" ? loginOrigin(event) : "origin" in event ? event.origin : undefined;
  if (origin?.by === "command") {
    records.push(encodeOrigin(origin, now));
  }
  return records;
}

function fieldsOf(event: BmcEvent): Fields {
  switch (event.type) {
    case "bmcStarted":
      // Transition to running.
      return {
        type: sensorType.microcontroller,
        number: sensorNumber.controller,
        event: availability,
        data: [0x00],
      };
    case "power":
      return powerFields(event.change, event.origin);
    case "booted":
      // Boot completed, boot device not specified.
      return {
        type: sensorType.operatingSystemBoot,
        number: sensorNumber.operatingSystem,
        event: sensorSpecific,
        data: [0x06],
      };
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

const watchdogOffsets = { none: 0x00, reset: 0x01, off: 0x02, cycle: 0x03, preTimeoutInterrupt: 0x08 } as const;

function powerFields(change: PowerChange, origin: EventOrigin): Fields {
  const unit = { type: sensorType.powerUnit, number: sensorNumber.powerUnit };
  switch (change) {
    case "off":
      return { ...unit, event: sensorSpecific, data: withOrigin(0x00, origin) };
    case "on":
      // Power off is no longer the case: there is no offset for "on".
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

const originCodes: Readonly<Record<EventOrigin["by"], number>> = {
  vsphere: 0x00,
  command: 0x40,
  watchdog: 0x80,
  restorePolicy: 0xc0,
};

/** Event data 2 tells by whose hand: bits [7:6] the kind, [5:0] the user ID of a command; data 3 the channel. */
function withOrigin(offset: number, origin: EventOrigin): readonly [number, number, number] {
  const isCommand = origin.by === "command";
  return [
    oemData | offset,
    originCodes[origin.by] | (isCommand ? origin.userId & 0x3f : 0),
    isCommand ? lanChannel : unspecified,
  ];
}

function encodeSystemEvent({ type, number, event, data: [data1, data2, data3] }: Fields, now: number): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt8(systemEvent, 2);
  record.writeUInt32LE(now, 3);
  record.set([...generator, eventMessageRevision, type, number, event], 7);
  record.set([data1, data2 ?? unspecified, data3 ?? unspecified], 13);
  return record;
}

type CommandOrigin = Extract<EventOrigin, { by: "command" }>;

function loginOrigin({ userId, address }: Extract<BmcEvent, { type: "loginFailed" }>): CommandOrigin {
  return { by: "command", userId, address };
}

/** OEM record, time-stamped: user ID, a zero, and the console's IPv4 address or the last 4 bytes of its IPv6 address. */
function encodeOrigin({ userId, address }: CommandOrigin, now: number): Buffer {
  const record = Buffer.alloc(16);
  const ipv4 = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i.exec(address);
  record.writeUInt8(ipv4 ? originIpv4 : originIpv6, 2);
  record.writeUInt32LE(now, 3);
  record.writeUIntLE(manufacturerId, 7, 3);
  record.set([userId, 0x00], 10);
  record.set(ipv4 ? ipv4.slice(1, 5).map(Number) : lastBytesOfIpv6(address), 12);
  return record;
}

function lastBytesOfIpv6(address: string): number[] {
  const [, tail = ""] = /([0-9a-f:]*)(?:%.*)?$/i.exec(address) ?? [];
  const groups = tail.split(":").slice(-2);
  return groups.flatMap((group) => {
    const value = Number.parseInt(group === "" ? "0" : group, 16);
    return [value >> 8, value & 0xff];
  });
}
