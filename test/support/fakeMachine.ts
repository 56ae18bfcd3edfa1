/** A machine in memory, which does and remembers at once what it is asked. */
import { defined } from "../../src/base/defined.js";
import { MachineError } from "../../src/model/machine/errors.js";
import type { MachineChange, MachineInventory } from "../../src/model/machine/inventory.js";
import type { BootOverride, Machine } from "../../src/model/machine/machine.js";
import type { MediaInsertion, MediaSlot, MediaSlotId } from "../../src/model/machine/media.js";
import type { MachineSnapshot, PowerState } from "../../src/model/machine/snapshot.js";
import type { MachineStatistics } from "../../src/model/machine/statistics.js";

export interface FakeMachine extends Machine {
  /** What statistics give; undefined: they fail. */
  live: MachineStatistics | undefined;
  /** Fields of the snapshot beyond those below. */
  known: Partial<MachineSnapshot>;
  state: PowerState;
  override: BootOverride | undefined;
  /** What inventory gives; undefined: it fails. */
  hardware: MachineInventory | undefined;
  /** Given to configure, in their order. */
  readonly changes: MachineChange[];
  /** What is in the drives. */
  slots: readonly MediaSlot[];
  /** What insertMedia was given, in their order. */
  readonly insertions: MediaInsertion[];
  biosUuid: string | undefined;
  bootTime: string | undefined;
  name: string | undefined;
  guestFullName: string | undefined;
  /** Operations in the order they came. */
  readonly operations: string[];
  /** Set: every operation fails with it. */
  failure: MachineError | undefined;
  /** Set: every operation waits for it. */
  gate: Promise<void> | undefined;
  /** Called when an operation has changed the state. */
  onChange: () => void;
  /** What the last power operation was told, ms. */
  cycleIntervalMs: number | undefined;
}

export function createFakeMachine(): FakeMachine {
  async function operate(name: string, effect: () => void): Promise<void> {
    fake.operations.push(name);
    await fake.gate;
    if (fake.failure) {
      throw fake.failure;
    }
    effect();
  }

  let last: MachineSnapshot | undefined;

  const fake: FakeMachine = {
    state: "poweredOff",
    override: undefined,
    hardware: { storageControllers: [], disks: [], removableDrives: [], networkCards: [] },
    changes: [],
    slots: [emptySlot("cd"), emptySlot("floppy")],
    insertions: [],
    bootTime: undefined,
    name: undefined,
    guestFullName: undefined,
    onChange: () => undefined,
    cycleIntervalMs: undefined,
    biosUuid: "4224e8b5-1e2d-3c4b-5a69-788796a5b4c3",
    live: undefined,
    known: {},
    operations: [],
    failure: undefined,
    gate: undefined,
    snapshot: (): MachineSnapshot | undefined =>
      fake.failure
        ? undefined
        : {
            powerState: fake.state,
            ...fake.known,
            ...defined({
              biosUuid: fake.biosUuid,
              bootTime: fake.bootTime,
              name: fake.name,
              guestFullName: fake.guestFullName,
            }),
          },
    trouble: () => fake.failure && { reason: fake.failure.message, since: 1_000_000 },
    lastSnapshot: () => (last = fake.snapshot() ?? last),
    powerState: () => (fake.failure ? Promise.reject(fake.failure) : fake.state),
    power: (operation, options) =>
      operate(operation, () => {
        fake.cycleIntervalMs = options?.cycleIntervalMs;
        if (operation === "softReset" && fake.state !== "poweredOn") {
          throw new MachineError("invalidState", "the VM is off: a restart of the guest needs one that is on");
        }
        if (operation === "cycle") {
          fake.state = "poweredOff";
          fake.onChange();
        }
        fake.state = operation === "off" || operation === "softShutdown" ? "poweredOff" : "poweredOn";
        fake.onChange();
      }),
    bootOverride: async () => {
      await operate("bootOverride", () => undefined);
      return fake.override;
    },
    setBootOverride: (override) =>
      operate("setBootOverride", () => {
        fake.override = override;
      }),
    statistics: () =>
      fake.live ? Promise.resolve(fake.live) : Promise.reject(new MachineError("unavailable", "no vCenter")),
    inventory: async () => {
      await operate("inventory", () => undefined);
      if (!fake.hardware) {
        throw new MachineError("unavailable", "no vCenter");
      }
      return fake.hardware;
    },
    configure: (change) =>
      operate("configure", () => {
        if (fake.state !== "poweredOff") {
          throw new MachineError("invalidState", "the VM is on: switch it off first");
        }
        fake.changes.push(change);
        fake.hardware = fake.hardware && { ...fake.hardware, ...change };
        fake.known = { ...fake.known, ...(change.firmware && { firmware: change.firmware }) };
      }),
    media: async () => {
      await operate("media", () => undefined);
      return fake.slots;
    },
    insertMedia: (insertion) =>
      operate("insertMedia", () => {
        const { slot, image } = insertion;
        fake.insertions.push(insertion);
        fake.slots = fake.slots.map((each) =>
          each.id === slot
            ? {
                ...each,
                isInserted: true,
                isConnected: fake.state === "poweredOn",
                image,
                imageName: image.replace(/^.*\//, ""),
                verifiesCertificate: insertion.verifyCertificate ?? true,
              }
            : each,
        );
      }),
    ejectMedia: (slot) =>
      operate("ejectMedia", () => {
        fake.slots = fake.slots.map((each) => (each.id === slot ? emptySlot(slot) : each));
      }),
    mediaProgress: (slot) => fake.slots.find(({ id }) => id === slot)?.progress,
    diagnosticInterrupt: () => operate("diagnosticInterrupt", () => undefined),
  };
  return fake;
}

function emptySlot(id: MediaSlotId): MediaSlot {
  return { id, isInserted: false, isConnected: false, verifiesCertificate: true, progress: { stage: "idle" } };
}
