/** FRU device 0 of a BMC: it describes the machine as vSphere last reported it. */
import type { Machine } from "../../machine/machine.js";
import type { MachineStatistics } from "../../machine/statistics.js";
import type { Asset } from "../identity/asset.js";
import { toFruContent } from "./fruContent.js";
import { createFruDevice, type FruDevice } from "./fruDevice.js";

export function createMachineFru(
  machine: Pick<Machine, "lastSnapshot" | "statistics">,
  asset: Pick<Asset, "tag" | "setTag">,
  vmName: string,
  uuid: () => string,
): FruDevice {
  return createFruDevice(async () => {
    const { hostName } = await machine.statistics().catch((): MachineStatistics => ({}));
    return toFruContent({ vmName, uuid: uuid(), assetTag: asset.tag(), snapshot: machine.lastSnapshot(), hostName });
  }, asset.setTag);
}
