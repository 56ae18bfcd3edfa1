/** Records in the SEL that a guest has booted and from what, where the device is known. */
import type { BootDevice, Machine } from "../../machine/machine.js";
import type { Events } from "../events/events.js";
import type { MachineUpdate } from "../state/machineUpdate.js";

export interface BootHistory {
  /** The machine, such that each boot device set by this BMC is noted. */
  readonly watched: (machine: BootDeviceSetting) => BootDeviceSetting;
  /** The machine was reset, and is on. */
  readonly systemReset: () => void;
  /** Takes every report of the machine's state. */
  readonly observe: (update: MachineUpdate) => void;
}

type BootDeviceSetting = Pick<Machine, "bootOverride" | "setBootOverride">;

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
    watched: (target) => ({
      bootOverride: () => target.bootOverride(),
      setBootOverride: async (override) => {
        await target.setBootOverride(override);
        chosen = override?.persistent === false ? override.device : undefined;
      },
    }),
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
