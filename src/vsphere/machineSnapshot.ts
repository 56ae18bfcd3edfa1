/** Converts properties of a VM to a machine snapshot; what vSphere does not report is absent. */
import { MachineError } from "../model/machine/errors.js";
import type { HealthStatus, MachineSnapshot, PowerState } from "../model/machine/snapshot.js";
import { connectionProblem } from "./connectionStates.js";
import { toMachineError } from "./faults.js";
import { decodeQuestion } from "./machineQuestion.js";
import type { Properties } from "./properties.js";
import { isSwapped, swapUuid } from "./smbiosUuid.js";
import { numberOf, textOf, withoutUnknown } from "./soapValue.js";
import { VimFault } from "./vimErrors.js";

/** The properties that the watch subscribes to. No live statistics: they change all the time, for every VM. */
export const watchedPaths = [
  "name",
  "runtime.powerState",
  "runtime.connectionState",
  "runtime.bootTime",
  "runtime.question",
  "config.uuid",
  "config.instanceUuid",
  "config.guestFullName",
  "config.version",
  "config.changeVersion",
  "config.template",
  "config.firmware",
  "config.hardware.numCPU",
  "config.hardware.numCoresPerSocket",
  "config.hardware.memoryMB",
  "guest.hostName",
  "guest.toolsRunningStatus",
  "overallStatus",
  "guestHeartbeatStatus",
  "summary.runtime.maxCpuUsage",
  // Not part of the snapshot, but the only sign of a reset from outside.
  "recentTask",
] as const;

type WatchedPath = (typeof watchedPaths)[number];

const powerStates: readonly PowerState[] = ["poweredOn", "poweredOff", "suspended"];
const healthStates: readonly HealthStatus[] = ["green", "yellow", "red", "gray"];

/** The snapshot, or why the VM's state is unknown now. `hasOldSmbios`: see ReadIdentity. */
export function toUpdate(properties: Properties, hasOldSmbios = false): MachineSnapshot | MachineError {
  const snapshot = toSnapshot(properties, hasOldSmbios);
  if (snapshot) {
    return snapshot;
  }
  const problem = connectionProblem(textOf(properties.get("runtime.connectionState")));
  const powerState = properties.get("runtime.powerState");
  return powerState instanceof VimFault && problem === undefined
    ? toMachineError(powerState)
    : new MachineError("busy", problem ?? "vCenter does not report the power state of the VM now");
}

/** undefined while the power state is unknown: for a lost host, vCenter reports the last state it saw. */
export function toSnapshot(properties: Properties, hasOldSmbios = false): MachineSnapshot | undefined {
  const text = (path: WatchedPath): string | undefined => textOf(properties.get(path));
  const number = (path: WatchedPath): number | undefined => numberOf(properties.get(path));
  const health = (path: WatchedPath): HealthStatus | undefined => oneOf(healthStates, text(path));
  const isConnected = (text("runtime.connectionState") ?? "connected") === "connected";
  const powerState = isConnected ? oneOf(powerStates, text("runtime.powerState")) : undefined;
  const tools = text("guest.toolsRunningStatus");
  const biosUuid = text("config.uuid")?.toLowerCase();
  const hardwareVersion = text("config.version");
  const isSwappedForGuest = isSwapped(hardwareVersion) && !hasOldSmbios;
  return (
    powerState && {
      powerState,
      ...withoutUnknown({
        name: text("name"),
        instanceUuid: text("config.instanceUuid")?.toLowerCase(),
        biosUuid,
        smbiosUuid: biosUuid !== undefined && isSwappedForGuest ? swapUuid(biosUuid) : biosUuid,
        guestFullName: text("config.guestFullName"),
        guestHostName: text("guest.hostName"),
        hardwareVersion,
        changeVersion: text("config.changeVersion"),
        firmware: oneOf(["bios", "efi"] as const, text("config.firmware")),
        toolsRunning: tools === undefined ? undefined : tools === "guestToolsRunning",
        bootTime: text("runtime.bootTime"),
        question: decodeQuestion(properties.get("runtime.question")),
        overallStatus: health("overallStatus"),
        guestHeartbeatStatus: health("guestHeartbeatStatus"),
        cpuCount: number("config.hardware.numCPU"),
        // 0 since vSphere 8.
        coresPerSocket: number("config.hardware.numCoresPerSocket") || undefined,
        memorySizeMb: number("config.hardware.memoryMB"),
        cpuCapacityMhz: number("summary.runtime.maxCpuUsage"),
      }),
    }
  );
}

function oneOf<T extends string>(values: readonly T[], text: string | undefined): T | undefined {
  return values.find((value) => value === text);
}
