/** Records in the SEL that a guest has booted, and from which device if known. */
import type { BootDevice, Machine } from "../../machine/machine.js";
import type { Events } from "../events/events.js";
import type { MachineUpdate } from "../state/machineUpdate.js";

export interface BootHistory {
  /** The machine, wrapped so that each boot device set by this BMC is noted. */
  readonly watched: (machine: BootDeviceSetting) => BootDeviceSetting;
  /** The machine was reset while on. */
  readonly systemReset: () => void;
  /** Takes every report of the machine's state. */
  readonly observe: (update: MachineUpdate) => void;
}

type BootDeviceSetting = Pick<Machine, "bootOverride" | "setBootOverride">;

export function createBootHistory(machine: Pick<Machine, "bootOverride">, events: Events): BootHistory {
  /** For the next start only: it is removed as soon as Tools run, so it cannot be queried then. */
  let chosen: BootDevice | undefined;
  let startedFrom: BootDevice | undefined;

  function start(): void {
    startedFrom = chosen;
    chosen = undefined;
  }

  /** The first device of the VM's own order; undefined if there is none or it is unknown. */
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
