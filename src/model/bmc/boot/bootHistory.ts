/** Records in the SEL that a guest has booted and from what, where the device is known. */
import type { BootDevice, BootOverride, Machine } from "../../machine/machine.js";
import type { Events } from "../events/events.js";
import type { MachineUpdate } from "../state/machineUpdate.js";

export interface BootHistory {
  /** Takes what the machine's boot device was set to by this BMC. */
  readonly deviceSet: (override: BootOverride | undefined) => void;
  /** The machine was reset, and is on. */
  readonly systemReset: () => void;
  /** Takes every report of the machine's state. */
  readonly observe: (update: MachineUpdate) => void;
}

export function createBootHistory(machine: Pick<Machine, "bootOverride">, events: Events): BootHistory {
  /** For the next start only: it is taken back as soon as Tools run, so that it cannot be asked for then. */
  let chosen: BootDevice | undefined;
  let startedFrom: BootDevice | undefined;

  function start(): void {
    startedFrom = chosen;
    chosen = undefined;
  }

  /** The first device of the VM's own order; undefined when it has none or is unknown. */
  async function ask(): Promise<BootDevice | undefined> {
    const override = await machine.bootOverride().catch(() => undefined);
    return override?.device;
  }

  async function booted(known: BootDevice | undefined): Promise<void> {
    const device = known ?? (await ask());
    if (device !== undefined && device !== "bios") {
      events.record({ type: "booted", device });
    }
  }

  return {
    deviceSet: (override) => {
      chosen = override?.persistent === false ? override.device : undefined;
    },
    systemReset: start,
    observe: ({ snapshot, previous, transition }) => {
      if (transition?.isOn) {
        start();
      }
      if (previous && previous.toolsRunning !== true && snapshot.toolsRunning === true) {
        void booted(startedFrom);
        startedFrom = undefined;
      }
    },
  };
}
