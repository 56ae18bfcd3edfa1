/** The serial ports of all VMs and the guests at them: they follow the power and the devices of each VM. */
import { bootSource, liveHostName } from "../boot.js";
import { isEthernetCard, macAddress, type VmDevice } from "../devices.js";
import type { GuestFacts } from "../guest/bootText.js";
import { createGuest, type Guest } from "../guest/guest.js";
import type { Inventory } from "../inventory.js";
import type { SimulatedVm } from "../simulatedVm.js";
import type { SerialBehaviour } from "./behaviour.js";
import type { LineOptions } from "./line.js";
import { createPorts, type Ports } from "./ports.js";

export interface ConsolesOptions extends Pick<LineOptions, "certificate" | "hostAddress"> {
  readonly inventory: Inventory;
  readonly behaviour: () => SerialBehaviour;
  /** The guest itself powers off or restarts the VM. */
  readonly onPower: (vm: SimulatedVm, what: "off" | "restart") => void;
}

export interface Consoles {
  /** The VM was switched on or reset. */
  readonly started: (vm: SimulatedVm, entersSetup: boolean) => void;
  /** The guest was asked to shut down, and the VM will be switched. */
  readonly goesDown: (vm: SimulatedVm, how: "off" | "restart") => void;
  /** A diagnostic interrupt. */
  readonly interrupted: (vm: SimulatedVm) => void;
  /** Serial ports that have to move with the VM. */
  readonly hasLines: (vm: SimulatedVm) => boolean;
  /** Rejects with the reason why a port cannot move to another host. */
  readonly migrate: (vm: SimulatedVm) => Promise<void>;
  readonly close: () => void;
}

interface Console {
  readonly guest: Guest;
  readonly ports: Ports;
  /** Counts the starts: one that waits for its lines may be overtaken. */
  starts: number;
}

/** The guest starts when its serial ports are connected, but does not wait for them for long, ms. */
const lineTimeoutMs = 3_000;

export function createConsoles(options: ConsolesOptions): Consoles {
  const { inventory, behaviour, certificate, hostAddress } = options;
  const consoles = new Map<SimulatedVm, Console>();

  function consoleOf(vm: SimulatedVm): Console {
    const present = consoles.get(vm);
    if (present) {
      return present;
    }
    const guest = createGuest({
      facts: () => factsOf(vm),
      showsFirmware: () => vm.firmware !== "efi" || isTrue(vm.extraConfig["efi.serialconsole.enabled"]),
      output: (bytes) => ports.write(bytes),
      bootMs: () => behaviour().guestBootMs,
      onPower: (what) => options.onPower(vm, what),
    });
    const ports = createPorts({
      vm,
      inventory,
      behaviour,
      certificate,
      hostAddress,
      onData: guest.input,
      onBreak: guest.onBreak,
      onDrain: guest.drained,
    });
    const made: Console = { guest, ports, starts: 0 };
    consoles.set(vm, made);
    return made;
  }

  /** Opens and closes lines, so that they are as the VM's devices are now. */
  function follow(vm: SimulatedVm): void {
    const isOn = vm.powerState === "poweredOn";
    const wanted = isOn ? vm.devices.filter(isConnectedPort) : [];
    const present = consoles.get(vm);
    if (!present && wanted.length === 0) {
      return;
    }
    const { ports, guest } = consoleOf(vm);
    ports.follow(wanted);
    if (vm.powerState === "poweredOff") {
      guest.stop();
      consoles.delete(vm);
    }
  }

  function started(vm: SimulatedVm, entersSetup: boolean): void {
    follow(vm);
    const console = consoles.get(vm) ?? (vm.devices.some(isNetworkPort) ? consoleOf(vm) : undefined);
    if (!console) {
      return;
    }
    const mine = ++console.starts;
    const source = vm.hasBootFailed ? undefined : (vm.bootedFrom ?? bootSource(vm, inventory.fileAt));
    const settled = Promise.all(console.ports.lines.map((line) => line.settled));
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise((resolve) => (timer = setTimeout(resolve, lineTimeoutMs)));
    void Promise.race([settled, timeout]).then(() => {
      clearTimeout(timer);
      if (consoles.get(vm) === console && console.starts === mine) {
        console.guest.start({ source, entersSetup });
      }
    });
  }

  function followById(id: string): void {
    const vm = inventory.vms.get(id);
    if (vm) {
      follow(vm);
    } else if (consoles.size > 0) {
      // A VM that is registered again is gone for a moment only.
      queueMicrotask(closeRemoved);
    }
  }

  function closeRemoved(): void {
    const there = new Set(inventory.vms.values());
    [...consoles.keys()].filter((vm) => !there.has(vm)).forEach(drop);
  }

  function drop(vm: SimulatedVm): void {
    const console = consoles.get(vm);
    console?.guest.stop();
    console?.ports.close();
    consoles.delete(vm);
  }

  const unsubscribe = inventory.objects.onChange(followById);
  [...inventory.vms.values()]
    .filter(({ powerState }) => powerState === "poweredOn")
    .forEach((vm) => started(vm, false));

  return {
    started,
    goesDown: (vm, how) => consoles.get(vm)?.guest.goDown(how),
    interrupted: (vm) => consoles.get(vm)?.guest.interrupt(),
    hasLines: (vm) => (consoles.get(vm)?.ports.lines.length ?? 0) > 0,
    migrate: async (vm) => {
      await Promise.all((consoles.get(vm)?.ports.lines ?? []).map((line) => line.migrate()));
    },
    close: () => {
      unsubscribe();
      [...consoles.keys()].forEach(drop);
    },
  };
}

function isNetworkPort({ type, backing }: VmDevice): boolean {
  return type === "VirtualSerialPort" && backing?.type === "VirtualSerialPortURIBackingInfo";
}

function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === "true";
}

function isConnectedPort(device: VmDevice): boolean {
  return isNetworkPort(device) && device.connectable?.connected === true;
}

function factsOf(vm: SimulatedVm): GuestFacts {
  const card = vm.devices.find(isEthernetCard);
  return {
    hostName: vm.bootedFrom?.device === "Cdrom" ? liveHostName(vm.bootedFrom) : vm.name,
    firmware: vm.firmware,
    uuid: vm.uuid,
    cpuCount: vm.cpuCount,
    memoryMb: vm.memoryMb,
    macAddress: card && macAddress(vm.uuid, card.key),
  };
}
