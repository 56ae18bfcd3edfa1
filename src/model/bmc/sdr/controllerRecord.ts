/** Management Controller Device Locator (IPMI 2.0 §43.9): the BMC itself, and that it has FRU device 0. */
import { deviceSupport } from "../identity/deviceSupport.js";
import { entity } from "../sensors/sensor.js";
import { encodeIdString, encodeRecord, ownerAddress } from "./record.js";

const locatorType = 0x12;
/** Static controller: always present. */
const staticController = 0x20;

export function encodeControllerRecord(id: number): Buffer {
  return encodeRecord(id, locatorType, [
    ...[ownerAddress, 0x00, staticController, deviceSupport],
    ...[0, 0, 0],
    ...[entity.systemBoard, 1, 0],
    ...encodeIdString("vbmc4vsphere"),
  ]);
}
