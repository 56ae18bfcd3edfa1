/** Sensors by the number in a request; throws CBh if there is none (IPMI 2.0 §35). */
import { sensors } from "../../../../model/bmc/sensors/index.js";
import type { AnalogSensor, Sensor } from "../../../../model/bmc/sensors/sensor.js";
import { completionCode, CompletionError } from "../../completionCode.js";

/** A sensor that can be read. */
export function sensorWithNumber(number: number): Exclude<Sensor, { kind: "events" }> {
  const sensor = sensors.find((candidate) => candidate.number === number);
  if (!sensor || sensor.kind === "events") {
    throw new CompletionError(completionCode.notPresent, `there is no readable sensor ${number}`);
  }
  return sensor;
}

/** Throws CDh for a discrete sensor. */
export function analogSensor(number: number): AnalogSensor {
  const sensor = sensorWithNumber(number);
  if (sensor.kind !== "analog") {
    throw notForThisSensor(`sensor ${number} has no thresholds`);
  }
  return sensor;
}

export function notForThisSensor(what: string): CompletionError {
  return new CompletionError(completionCode.illegalForSensorOrRecord, what);
}
