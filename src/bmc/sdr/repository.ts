/** The SDR repository (IPMI 2.0 chapter 33): made of the sensors; its scales follow the VM's sizes, and are kept. */
import type { MachineSnapshot } from "../../machine/snapshot.js";
import { asObject, numberField } from "../jsonFields.js";
import { createKeptState, type Codec } from "../keptState.js";
import type { BmcMemory } from "../memory.js";
import { unspecifiedTime } from "../sel.js";
import { sensors } from "../sensors/index.js";
import type { MachineSizes } from "../sensors/sensor.js";
import { encodeControllerRecord } from "./controllerRecord.js";
import { encodeSensorRecord } from "./sensorRecords.js";

export interface SdrRepository {
  /** Whole records, with their IDs from 1 upwards. */
  readonly records: () => readonly Buffer[];
  /** The sizes that the scales of the records are made for. */
  readonly sizes: () => MachineSizes;
  /** The BMC's time of the last change, seconds; clients keep copies of the repository until it differs. */
  readonly changedAt: () => number;
  /** Differs from before when reservations have lost their worth. */
  readonly version: () => number;
  readonly observe: (snapshot: MachineSnapshot) => void;
}

interface Kept {
  readonly sizes: MachineSizes;
  readonly changedAt: number;
}

/** Until the VM's sizes are known. */
const usualSizes: MachineSizes = { cpuCapacityMhz: 10_000, memorySizeMb: 16_384 };

/** `now` is the BMC's time in seconds; `onTrouble` is told why a change is not kept. */
export function createSdrRepository(
  memory: BmcMemory,
  now: () => number,
  onTrouble: (reason: string) => void,
): SdrRepository {
  const state = createKeptState<Kept>(memory, "sdr", { sizes: usualSizes, changedAt: unspecifiedTime }, codec);
  /** Made when somebody asks, and as long as it holds. */
  let made: { readonly of: Kept; readonly records: readonly Buffer[] } | undefined;
  let version = 0;

  function records(): readonly Buffer[] {
    const kept = state.value();
    if (made?.of !== kept) {
      made = { of: kept, records: encodeAll(kept.sizes) };
    }
    return made.records;
  }

  function withSizesOf(kept: Kept, { cpuCapacityMhz, memorySizeMb }: MachineSnapshot): Kept {
    // vSphere tells the capacity of a VM that is on only: the last one holds.
    const sizes = {
      cpuCapacityMhz: cpuCapacityMhz ?? kept.sizes.cpuCapacityMhz,
      memorySizeMb: memorySizeMb ?? kept.sizes.memorySizeMb,
    };
    return isSameRepository(sizes, kept.sizes) ? kept : { sizes, changedAt: now() };
  }

  return {
    records,
    sizes: () => state.value().sizes,
    changedAt: () => state.value().changedAt,
    version: () => version,
    observe: (snapshot) => {
      if (withSizesOf(state.value(), snapshot) === state.value()) {
        return;
      }
      version++;
      state
        .change((kept) => withSizesOf(kept, snapshot))
        .catch((error: unknown) => onTrouble(error instanceof Error ? error.message : String(error)));
    },
  };
}

function encodeAll(sizes: MachineSizes): Buffer[] {
  return [encodeControllerRecord(1), ...sensors.map((sensor, index) => encodeSensorRecord(sensor, index + 2, sizes))];
}

/** Whether the scales are the same: steps are coarse, so that a few MB more do not make clients read all anew. */
function isSameRepository(a: MachineSizes, b: MachineSizes): boolean {
  return sensors.every(
    (sensor) => sensor.kind !== "analog" || JSON.stringify(sensor.scale(a)) === JSON.stringify(sensor.scale(b)),
  );
}

const largestSize = 0xffff_ffff;

const codec: Codec<Kept> = {
  encode: (kept) => kept,
  decode: (document) => {
    const object = asObject(document, "the document");
    const sizes = asObject(object["sizes"], "sizes");
    return {
      sizes: {
        cpuCapacityMhz: numberField(sizes, "cpuCapacityMhz", 1, largestSize),
        memorySizeMb: numberField(sizes, "memorySizeMb", 1, largestSize),
      },
      changedAt: numberField(object, "changedAt", 0, 0xffff_ffff),
    };
  },
};
