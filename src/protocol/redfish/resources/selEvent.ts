/** A system event record (IPMI 2.0 §32.1) as a DSP0268 "LogEntry". */
import type { JsonObject } from "../json.js";

const deasserted = 0x80;

/** IPMI 2.0 §32.1. */
const systemEventType = 0x02;

export function isSystemEvent(record: Buffer): boolean {
  return record.readUInt8(2) === systemEventType;
}

/** Of a record of type 02h. */
export function eventOf(record: Buffer): JsonObject {
  const [type, number, direction] = [record.readUInt8(10), record.readUInt8(11), record.readUInt8(12)];
  const offset = record.readUInt8(13) & 0x0f;
  const eventType = direction & ~deasserted;
  const isAsserted = (direction & deasserted) === 0;
  return {
    Severity: isAsserted ? severityOf(type, eventType, offset) : "OK",
    EntryCode: genericCodes[eventType]?.[offset] ?? (isAsserted ? "Assert" : "Deassert"),
    SensorType: sensorTypes[type] ?? "OEM",
    SensorNumber: number,
    // Event type with its direction, and event data 1 to 3.
    MessageId: `0x${record.toString("hex", 12, 16)}`,
    GeneratorId: `0x${record.readUInt16LE(7).toString(16).padStart(4, "0")}`,
  };
}

/** Generic event type 07h: a severity. */
const severityType = 0x07;
const thresholdType = 0x01;
const severities = ["OK", "Warning", "Critical", "Critical", "Warning", "Critical", "Critical", "OK", "OK"] as const;

/** Sensor types whose events always are warnings: NMI, watchdog, failed login, management. */
const troubled: ReadonlySet<number> = new Set([0x13, 0x23, 0x28, 0x2a]);
/** Power unit: soft power control failure and following. */
const powerUnit = 0x09;
const firstPowerFailure = 0x03;

function severityOf(type: number, eventType: number, offset: number): string {
  switch (eventType) {
    case severityType:
      return severities[offset] ?? "OK";
    case thresholdType:
      return [0, 1, 6, 7].includes(offset) ? "Warning" : "Critical";
    default:
      return troubled.has(type) || (type === powerUnit && offset >= firstPowerFailure) ? "Warning" : "OK";
  }
}

/** Table 42-2: event type → offset → EntryCode. */
const genericCodes: Readonly<Record<number, readonly string[]>> = {
  0x01: ["Lower", "Upper"].flatMap((side) =>
    ["Non-critical", "Critical", "Non-recoverable"].flatMap((level) =>
      ["low", "high"].map((way) => `${side} ${level} - going ${way}`),
    ),
  ),
  0x03: ["State Deasserted", "State Asserted"],
  0x04: ["Predictive Failure deasserted", "Predictive Failure asserted"],
  0x05: ["Limit Not Exceeded", "Limit Exceeded"],
  0x06: ["Performance Met", "Performance Lags"],
  0x07: [
    ...["Transition to OK", "Transition to Non-Critical from OK", "Transition to Critical from less severe"],
    ...["Transition to Non-recoverable from less severe", "Transition to Non-Critical from more severe"],
    ...["Transition to Critical from Non-recoverable", "Transition to Non-recoverable", "Monitor", "Informational"],
  ],
  0x08: ["Device Removed / Device Absent", "Device Inserted / Device Present"],
  0x09: ["Device Disabled", "Device Enabled"],
  0x0a: [
    ...["Transition to Running", "Transition to In Test", "Transition to Power Off", "Transition to On Line"],
    ...["Transition to Off Line", "Transition to Off Duty", "Transition to Degraded", "Transition to Power Save"],
    "Install Error",
  ],
};

/** Table 42-3, spelled as in the schema. */
const sensorTypes: Readonly<Record<number, string>> = Object.fromEntries(
  [
    "",
    ...["Temperature", "Voltage", "Current", "Fan", "Physical Chassis Security"],
    ...["Platform Security Violation Attempt", "Processor", "Power Supply / Converter", "PowerUnit", "CoolingDevice"],
    ...["Other Units-based Sensor", "Memory", "Drive Slot/Bay", "POST Memory Resize", "System Firmware Progress"],
    ...["Event Logging Disabled", "Watchdog", "System Event", "Critical Interrupt", "Button/Switch", "Module/Board"],
    ...["Microcontroller/Coprocessor", "Add-in Card", "Chassis", "ChipSet", "Other FRU", "Cable/Interconnect"],
    ...["Terminator", "SystemBoot/Restart", "Boot Error", "BaseOSBoot/InstallationStatus", "OS Stop/Shutdown"],
    ...["Slot/Connector", "System ACPI PowerState", "Watchdog", "Platform Alert", "Entity Presence", "Monitor ASIC/IC"],
    ...["LAN", "Management Subsystem Health", "Battery", "Session Audit", "Version Change", "FRUState"],
  ]
    .map((name, type) => [type, name] as const)
    .slice(1),
);
