/**
 * The SDR repository (IPMI 2.0 chapter 33), generated from the sensors; its scales depend on the VM's sizes, and are
 * stored.
 */
import { createHash } from "node:crypto";

import { fields, integer } from "../../../base/document/codec.js";
import { reasonOf } from "../../../base/errors.js";
import type { MachineSnapshot } from "../../machine/snapshot.js";
import { sensors } from "../sensors/index.js";
import type { MachineSizes } from "../sensors/sensor.js";
import { createPersistentState } from "../state/persistentState.js";
import type { BmcStorage } from "../state/storage.js";
import { encodeControllerRecord } from "./controllerRecord.js";
import { encodeSensorRecord } from "./sensorRecords.js";

export interface SdrRepository {
  /** Complete records, with IDs from 1 upwards. */
  readonly records: () => readonly Buffer[];
  /** The sizes from which the scales of the records were derived. */
  readonly sizes: () => MachineSizes;
  /** The BMC's time of the last change, seconds; clients cache the repository until it differs. */
  readonly changedAt: () => number;
  /** Changes when reservations became invalid. */
  readonly version: () => number;
  readonly observe: (snapshot: MachineSnapshot) => void;
}

interface Persisted {
  readonly sizes: MachineSizes;
  readonly changedAt: number;
  /**
   * Identifies the records of `changedAt` apart from their scales, since other versions have different ones. Empty:
   * unknown.
   */
  readonly layout: string;
}

/** Used until the VM's sizes are known. */
const usualSizes: MachineSizes = { cpuCapacityMhz: 10_000, memorySizeMb: 16_384 };
const layout = createHash("sha1")
  .update(Buffer.concat(encodeAll(usualSizes)))
  .digest("hex")
  .slice(0, 8);
/**
 * The time of a repository that has not changed since the BMC's first start: somewhere in 2024, derived from the
 * records, so that the same records have the same time wherever and how often a BMC starts, and others a different one.
 * FreeIPMI only compares it.
 */
const layoutTime = Date.UTC(2024, 0) / 1_000 + (Number.parseInt(layout, 16) % 31_536_000);
const initial: Persisted = { sizes: usualSizes, changedAt: layoutTime, layout };
/** Keeps the scale unless the capacity falls below this share: hosts of a cluster differ, and VMs move between them. */
const keptCapacityFactor = 4;

/** `now` is the BMC's time in seconds; `onTrouble` gets the reason why a change cannot be stored. */
export function createSdrRepository(
  storage: BmcStorage,
  now: () => number,
  onTrouble: (reason: string) => void,
): SdrRepository {
  const state = createPersistentState<Persisted>(storage, "sdr", initial, codec);
  /** Created when needed, and cached until it changes. */
  let made: { readonly of: Persisted; readonly records: readonly Buffer[] } | undefined;
  let version = 0;

  function records(): readonly Buffer[] {
    const kept = state.value();
    if (made?.of !== kept) {
      made = { of: kept, records: encodeAll(kept.sizes) };
    }
    return made.records;
  }

  function withSizesOf(kept: Persisted, { cpuCapacityMhz, memorySizeMb }: MachineSnapshot): Persisted {
    // vSphere reports the capacity of a VM only while it is on: use the last one.
    const capacity = sizeOf(cpuCapacityMhz, kept.sizes.cpuCapacityMhz);
    const isWellScaled =
      kept !== initial &&
      capacity <= kept.sizes.cpuCapacityMhz &&
      capacity * keptCapacityFactor > kept.sizes.cpuCapacityMhz;
    const sizes = {
      cpuCapacityMhz: isWellScaled ? kept.sizes.cpuCapacityMhz : capacity,
      memorySizeMb: sizeOf(memorySizeMb, kept.sizes.memorySizeMb),
    };
    return isSameRepository(sizes, kept.sizes) ? kept : { sizes, changedAt: now(), layout };
  }

  return {
    records,
    sizes: () => state.value().sizes,
    changedAt: () => (state.value().layout === layout ? state.value().changedAt : layoutTime),
    version: () => version,
    observe: (snapshot) => {
      if (withSizesOf(state.value(), snapshot) === state.value()) {
        return;
      }
      version++;
      state.note((kept) => withSizesOf(kept, snapshot)).catch((error: unknown) => onTrouble(reasonOf(error)));
    },
  };
}

function encodeAll(sizes: MachineSizes): Buffer[] {
  return [encodeControllerRecord(1), ...sensors.map((sensor, index) => encodeSensorRecord(sensor, index + 2, sizes))];
}

/**
 * Whether the scales are the same: steps are coarse, so that a few MB more do not make clients read everything again.
 */
function isSameRepository(a: MachineSizes, b: MachineSizes): boolean {
  return sensors.every(
    (sensor) => sensor.kind !== "analog" || JSON.stringify(sensor.scale(a)) === JSON.stringify(sensor.scale(b)),
  );
}

const maxSize = 0xffff_ffff;

/** vSphere reports capacity 0 for a VM that was never on, and for one whose host is unreachable: that is not a size. */
function sizeOf(reported: number | undefined, known: number): number {
  return reported !== undefined && reported >= 1 && reported <= maxSize ? Math.round(reported) : known;
}

const codec = fields<Persisted>({
  sizes: fields<MachineSizes>({ cpuCapacityMhz: integer(1, maxSize), memorySizeMb: integer(1, maxSize) }),
  changedAt: integer(0, 0xffff_ffff),
  layout: { decode: (document) => (typeof document === "string" ? document : ""), encode: (value) => value },
});
