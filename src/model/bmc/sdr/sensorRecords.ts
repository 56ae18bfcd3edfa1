/** Sensor records: full (01h), compact (02h) and event-only (03h) (IPMI 2.0 §43.1-3). */
import {
  type AnalogSensor,
  type DiscreteSensor,
  type EventSensor,
  type MachineSizes,
  type Scale,
  type Sensor,
  toRaw,
  type Unit,
} from "../sensors/sensor.js";
import { encodeIdString, encodeRecord, ownerAddress } from "./record.js";

const recordType = { full: 0x01, compact: 0x02, eventOnly: 0x03 } as const;
/** Event/reading type of threshold sensors. */
const threshold = 0x01;
const scanningEnabled = 0x01;
const eventsEnabled = 0x02;
const autoRearm = 0x40;
const thresholdsReadable = 0x04;
const eventsBySwitch = 0x02;
const noEvents = 0x03;
/** Upper non-critical and critical: bits of the reading masks and of the readable threshold mask. */
const upperComparisons = 0x3000;
const upperReadable = 0x18;
const perSecond = 0x18;
const percent = 0x01;
/** Units 1, bits [7:6]: no analog reading. */
const notAnalog = 0xc0;
const linearizations = { linear: 0x00, square: 0x08 } as const;
/** Analog characteristics: neither nominal nor normal values are specified. */
const nothingSpecified = 0x00;

export function encodeSensorRecord(sensor: Sensor, id: number, sizes: MachineSizes): Buffer {
  switch (sensor.kind) {
    case "analog":
      return encodeFull(sensor, id, sensor.scale(sizes));
    case "discrete":
      return encodeCompact(sensor, id);
    case "events":
      return encodeEventOnly(sensor, id);
  }
}

function encodeFull(sensor: AnalogSensor, id: number, scale: Scale): Buffer {
  const { thresholds } = sensor;
  const [critical, nonCritical] = thresholds
    ? [toRaw(thresholds.critical, scale), toRaw(thresholds.nonCritical, scale)]
    : [0, 0];
  return encodeRecord(id, recordType.full, [
    ...keyAndEntity(sensor),
    scanningEnabled,
    autoRearm | (thresholds ? thresholdsReadable : 0) | noEvents,
    sensor.type,
    threshold,
    ...u16(0),
    ...u16(thresholds ? upperComparisons : 0),
    ...u16(thresholds ? upperReadable : 0),
    ...encodeUnits(sensor.unit),
    linearizations[scale.linearization],
    ...encodeFactors(scale),
    nothingSpecified,
    // Nominal reading, normal maximum and minimum; sensor maximum and minimum.
    ...[0, 0, 0, 0xff, 0],
    // Upper non-recoverable, critical, non-critical; lower ones.
    ...[0, critical, nonCritical, 0, 0, 0],
    // Hysteresis up and down, reserved, OEM.
    ...[0, 0, 0, 0, 0],
    ...encodeIdString(sensor.name),
  ]);
}

/** M, tolerance, B, accuracy, direction and exponents: 6 bytes, as in Get Sensor Reading Factors. */
export function encodeFactors({ m, exponent }: Scale): number[] {
  return [m & 0xff, (m >> 8) << 6, 0, 0, 0, (exponent & 0x0f) << 4];
}

function encodeUnits({ base, isPercent = false, isPerSecond = false }: Unit): number[] {
  return [(isPerSecond ? perSecond : 0) | (isPercent ? percent : 0), base, 0];
}

function encodeCompact(sensor: DiscreteSensor, id: number): Buffer {
  const { assertion, deassertion } = sensor.events;
  const hasEvents = (assertion | deassertion) !== 0;
  return encodeRecord(id, recordType.compact, [
    ...keyAndEntity(sensor),
    scanningEnabled | (hasEvents ? eventsEnabled : 0),
    autoRearm | (hasEvents ? eventsBySwitch : noEvents),
    sensor.type,
    sensor.eventType,
    ...u16(assertion),
    ...u16(deassertion),
    ...u16(sensor.states),
    ...[notAnalog, 0, 0],
    // One sensor, shared with none.
    ...[0x01, 0x00],
    // Hysteresis, reserved, OEM.
    ...[0, 0, 0, 0, 0, 0],
    ...encodeIdString(sensor.name),
  ]);
}

function encodeEventOnly(sensor: EventSensor, id: number): Buffer {
  return encodeRecord(id, recordType.eventOnly, [
    ...keyAndEntity(sensor),
    sensor.type,
    sensor.eventType,
    ...[0x01, 0x00],
    ...[0, 0],
    ...encodeIdString(sensor.name),
  ]);
}

const firstInstance = 1;

function keyAndEntity({ number, entity }: Sensor): number[] {
  return [ownerAddress, 0x00, number, entity, firstInstance];
}

function u16(value: number): number[] {
  return [value & 0xff, value >> 8];
}
