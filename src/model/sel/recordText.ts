/** SEL records in words: as in `ipmitool sel list`, and the cause, if the record contains it. */
import { hexByte, specHex } from "../../base/hex.js";
import { deasserted, ownGenerator, sensorSpecific, severity, systemEvent } from "./systemEvent.js";

/** Event data 1, bits [7:4]: data 2 and 3 contain the origin as in eventRecords.ts. */
const originData = 0xa0;

/** IPMI 2.0 table 42-3. */
const sensorTypes: readonly string[] = [
  ...["reserved", "Temperature", "Voltage", "Current", "Fan", "Physical Security", "Platform Security", "Processor"],
  ...["Power Supply", "Power Unit", "Cooling Device", "Other", "Memory", "Drive Slot / Bay", "POST Memory Resize"],
  ...["System Firmwares", "Event Logging Disabled", "Watchdog1", "System Event", "Critical Interrupt", "Button"],
  ...["Module / Board", "Microcontroller", "Add-in Card", "Chassis", "Chip Set", "Other FRU", "Cable / Interconnect"],
  ...["Terminator", "System Boot Initiated", "Boot Error", "OS Boot", "OS Critical Stop", "Slot / Connector"],
  ...["System ACPI Power State", "Watchdog2", "Platform Alert", "Entity Presence", "Monitor ASIC", "LAN"],
  ...["Management Subsys Health", "Battery", "Session Audit", "Version Change", "FRU State"],
];

/** Table 42-3: sensor type → offset → event, for the types whose events a virtual machine has. */
const sensorEvents: Readonly<Record<number, readonly string[]>> = {
  0x09: [
    ...["Power off/down", "Power cycle", "240VA power down", "Interlock power down", "AC lost"],
    ...["Soft-power control failure", "Failure detected", "Predictive failure"],
  ],
  0x10: [
    ...["Correctable memory error logging disabled", "Event logging disabled", "Log area reset/cleared"],
    ...["All event logging disabled", "Log full", "Log almost full"],
  ],
  0x13: ["NMI/Diag Interrupt", "Bus Timeout", "I/O Channel check NMI", "Software NMI"],
  0x1d: [
    ...["Initiated by power up", "Initiated by hard reset", "Initiated by warm reset", "User requested PXE boot"],
    ...["Automatic boot to diagnostic", "OS initiated hard reset", "OS initiated warm reset", "System Restart"],
  ],
  0x1f: [
    ...["A: boot completed", "C: boot completed", "PXE boot completed", "Diagnostic boot completed"],
    ...["CD-ROM boot completed", "ROM boot completed", "boot completed - device not specified"],
  ],
  0x23: [
    ...["Timer expired", "Hard reset", "Power down", "Power cycle", "reserved", "reserved", "reserved", "reserved"],
    "Timer interrupt",
  ],
  0x28: [
    ...["Sensor access degraded or unavailable", "Controller access degraded or unavailable"],
    ...["Management controller off-line", "Management controller unavailable", "Sensor failure", "FRU failure"],
  ],
  0x2a: ["Session activated", "Session deactivated", "Invalid user name or password", "Invalid password disable"],
};

/** Table 42-2: generic event type → offset → event. */
const genericEvents: Readonly<Record<number, readonly string[]>> = {
  0x01: [
    ...["Lower Non-critical going low", "Lower Non-critical going high", "Lower Critical going low"],
    ...["Lower Critical going high", "Lower Non-recoverable going low", "Lower Non-recoverable going high"],
    ...["Upper Non-critical going low", "Upper Non-critical going high", "Upper Critical going low"],
    ...["Upper Critical going high", "Upper Non-recoverable going low", "Upper Non-recoverable going high"],
  ],
  0x03: ["State Deasserted", "State Asserted"],
  0x04: ["Predictive Failure Deasserted", "Predictive Failure Asserted"],
  0x05: ["Limit Not Exceeded", "Limit Exceeded"],
  0x06: ["Performance Met", "Performance Lags"],
  0x07: [
    ...["Transition to OK", "Transition to Non-critical from OK", "Transition to Critical from less severe"],
    ...["Transition to Non-recoverable from less severe", "Transition to Non-critical from more severe"],
    ...["Transition to Critical from Non-recoverable", "Transition to Non-recoverable", "Monitor", "Informational"],
  ],
  0x08: ["Device Absent", "Device Present"],
  0x09: ["Device Disabled", "Device Enabled"],
  0x0a: [
    ...["Transition to Running", "Transition to In Test", "Transition to Power Off", "Transition to On Line"],
    ...["Transition to Off Line", "Transition to Off Duty", "Transition to Degraded", "Transition to Power Save"],
    "Install Error",
  ],
};

/** The sensor of the question that a VM waits with. */
const questionNumber = 0x08;

/** The kind of a record, for readers that already get some events from elsewhere. */
export type RecordKind = "bmcStarted" | "loginFailed" | "selCleared" | "operationFailed" | "question" | "other";

/** @param record 16 bytes (§32.1) */
export function recordText(record: Buffer): string {
  if (record.readUInt8(2) !== systemEvent) {
    return `OEM record ${hexByte(record.readUInt8(2))}h: ${record.subarray(3).toString("hex")}`;
  }
  const [type, number, event, offset] = fieldsOf(record);
  const isAsserted = (event & deasserted) === 0;
  const words = [
    `${sensorTypes[type] ?? `Sensor type ${specHex(type)}`} #0x${hexByte(number)}`,
    eventWords(type, event & ~deasserted, offset),
    isAsserted ? "Asserted" : "Deasserted",
  ].join(" | ");
  const notes = [powerWords(type, event, offset), originWords(record)].filter((note) => note !== "");
  return notes.length === 0 ? words : `${words}: ${notes.join(" ")}`;
}

/** Only for our own records: all others are "other". */
export function recordKind(record: Buffer): RecordKind {
  const [type, number, event, offset] = fieldsOf(record);
  if (!isOwn(record)) {
    return "other";
  }
  if (type === 0x28 && event === severity && number === questionNumber) {
    return "question";
  }
  // The second one was written by versions before 0.2.
  if ((type === 0x28 && event === severity) || (type === 0x16 && event === 0x0a)) {
    return "bmcStarted";
  }
  if (type === 0x2a) {
    return "loginFailed";
  }
  if (type === 0x10 && offset === 2) {
    return "selCleared";
  }
  return type === 0x28 || (type === 0x09 && offset === 5) ? "operationFailed" : "other";
}

/** Sensor type, sensor number, event type with its direction, offset. */
function fieldsOf(record: Buffer): [number, number, number, number] {
  return [record.readUInt8(10), record.readUInt8(11), record.readUInt8(12), record.readUInt8(13) & 0x0f];
}

function isOwn(record: Buffer): boolean {
  return record.readUInt8(2) === systemEvent && record.readUInt16LE(7) === ownGenerator;
}

function eventWords(type: number, event: number, offset: number): string {
  const events = event === sensorSpecific ? sensorEvents[type] : genericEvents[event];
  return events?.[offset] ?? `event ${specHex(event)} offset ${specHex(offset)}`;
}

/** There is no event for "on": it is "off", deasserted. */
function powerWords(type: number, event: number, offset: number): string {
  if (type !== 0x09 || (event & ~deasserted) !== sensorSpecific || offset !== 0) {
    return "";
  }
  return (event & deasserted) === 0 ? "powered off" : "powered on";
}

/** The cause of an event: event data 2, bits [7:6]. */
export type RecordOrigin = "vsphere" | "command" | "watchdog" | "restorePolicy";

/** In the order of their codes in bits [7:6]. */
export const recordOrigins: readonly RecordOrigin[] = ["vsphere", "command", "watchdog", "restorePolicy"];

/** undefined if the record does not contain it. */
export function recordOrigin(record: Buffer): RecordOrigin | undefined {
  return isOwn(record) && (record.readUInt8(13) & 0xf0) === originData
    ? recordOrigins[record.readUInt8(14) >> 6]
    : undefined;
}

/** Event data 2, bits [5:0], is the user ID of a command; data 3 the last byte of the console's address. */
function originWords(record: Buffer): string {
  switch (recordOrigin(record)) {
    case undefined:
      return "";
    case "vsphere":
      return "by vSphere or the guest";
    case "command":
      return `by user ${record.readUInt8(14) & 0x3f}, whose address ends in ${record.readUInt8(15)}`;
    case "watchdog":
      return "by the watchdog";
    case "restorePolicy":
      return "by the power restore policy";
  }
}
