/** That a guest has booted, and from what: told only where the device is known. */
import type { BootDevice, BootOverride, Machine } from "../../machine/machine.js";
import type { MachineSnapshot } from "../../machine/snapshot.js";
import type { Events } from "../events/events.js";

export interface BootHistory {
  /** Takes what the machine's boot device was set to by this BMC. */
  readonly deviceSet: (override: BootOverride | undefined) => void;
  /** The machine was reset, or has gone off. */
  readonly systemReset: () => void;
  /** Takes every report of the machine's state. */
  readonly observe: (snapshot: MachineSnapshot) => void;
}

export function createBootHistory(machine: Pick<Machine, "bootOverride">, events: Events): BootHistory {
  let isOn: boolean | undefined;
  let toolsRunning: boolean | undefined;
  /** For the next start only: it is taken back as soon as Tools run, so that it cannot be asked for then. */
  let chosen: BootDevice | undefined;
  let startedFrom: BootDevice | undefined;

  function start(): void {
    startedFrom = chosen;
    chosen = undefined;
  }

  /** The first device of the VM's own order; undefined when it has none, or nobody knows. */
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
    systemReset: () => {
      if (isOn) {
        start();
      }
    },
    observe: (snapshot) => {
      const wasOn = isOn;
      isOn = snapshot.powerState === "poweredOn";
      if (isOn && wasOn === false) {
        start();
      }
      const toolsWereRunning = toolsRunning;
      toolsRunning = snapshot.toolsRunning ?? false;
      if (toolsWereRunning === false && toolsRunning) {
        void booted(startedFrom);
        startedFrom = undefined;
      }
    },
  };
}
