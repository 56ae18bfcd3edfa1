/** The serial ports of all VMs and the guests at them: they follow the power and the devices of each VM. */
import { bootSource, liveHostName } from "../boot.js";
import { isEthernetCard, macAddress, type VmDevice } from "../devices.js";
import type { GuestFacts } from "../guest/bootText.js";
import { createGuest, type Guest } from "../guest/guest.js";
import type { Inventory } from "../inventory.js";
import type { SimulatedVm } from "../simulatedVm.js";
import type { Line, LineOptions, LineStatus } from "./line.js";
import { openLine } from "./openLine.js";

/** What may be changed at any time. */
export interface SerialBehaviour {
  /** How long after a lost or failed connection a serial port tries another one, ms; Infinity: never. */
  serialRetryMs: number;
  /** How long a concentrator has to acknowledge a vMotion, ms (`serialN.vmotionLimit`). */
  vmotionLimitMs: number;
  /** In which order serial ports talk to a concentrator: as captured of ESXi, or as VMware documents it. */
  serialOrder: "captured" | "documented";
  /** From the power-on to the login prompt of a guest with a serial port, ms. */
  guestBootMs: number;
  /** The licence has the feature of network serial ports; else they stay disconnected. */
  serialLicence: boolean;
  /** Rule sets of the hosts' firewalls that are enabled: `vSPC` for serial ports that connect, `remoteSerialPort` for all. */
  firewallRuleSets: ReadonlySet<string>;
}

export const usualSerialBehaviour: SerialBehaviour = {
  serialRetryMs: 3_000,
  vmotionLimitMs: 5_000,
  serialOrder: "captured",
  guestBootMs: 1_000,
  serialLicence: true,
  firewallRuleSets: new Set(["vSPC", "remoteSerialPort"]),
};

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
  readonly lines: Map<number, { readonly line: Line; readonly purpose: string }>;
  /** Counts the starts: one that waits for its lines may be overtaken. */
  starts: number;
}

/** The guest starts when its serial ports are connected, but does not wait for them for long, ms. */
const lineTimeoutMs = 3_000;

export function createConsoles(options: ConsolesOptions): Consoles {
  const { inventory, behaviour } = options;
  const consoles = new Map<SimulatedVm, Console>();

  function consoleOf(vm: SimulatedVm): Console {
    const present = consoles.get(vm);
    if (present) {
      return present;
    }
    const lines: Console["lines"] = new Map();
    const guest = createGuest({
      facts: () => factsOf(vm),
      showsFirmware: () => vm.firmware !== "efi" || isTrue(vm.extraConfig["efi.serialconsole.enabled"]),
      output: (bytes) => {
        const results = [...lines.values()].map(({ line }) => line.write(bytes));
        return results.includes("full") ? "full" : results.includes("sent") ? "sent" : "lost";
      },
      bootMs: () => behaviour().guestBootMs,
      onPower: (what) => options.onPower(vm, what),
    });
    const made: Console = { guest, lines, starts: 0 };
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
    const { lines, guest } = consoleOf(vm);
    for (const [key, { line, purpose }] of lines) {
      if (!wanted.some((port) => port.key === key && purposeOf(port) === purpose)) {
        lines.delete(key);
        line.close();
      }
    }
    wanted.filter(({ key }) => !lines.has(key)).forEach((port) => connect(vm, port, lines, guest));
    if (vm.powerState === "poweredOff") {
      guest.stop();
      consoles.delete(vm);
    }
  }

  function connect(vm: SimulatedVm, port: VmDevice, lines: Console["lines"], guest: Guest): void {
    const { key, backing } = port;
    if (!behaviour().serialLicence) {
      tell(vm, key, "unrecoverableError", false);
      return;
    }
    const line = openLine({
      backing: backing ?? { type: "", fields: {} },
      identity: {
        vcUuid: vm.instanceUuid,
        biosUuid: vm.uuid,
        locationUuid: vm.uuid,
        name: vm.name,
      },
      hostAddress: options.hostAddress,
      certificate: options.certificate,
      retryMs: () => behaviour().serialRetryMs,
      isAllowed: (ruleSet) => behaviour().firewallRuleSets.has(ruleSet),
      order: () => behaviour().serialOrder,
      vmotionLimitMs: () => behaviour().vmotionLimitMs,
      onData: guest.input,
      onBreak: guest.onBreak,
      onDrain: guest.drained,
      onStatus: (status, isConnected) => queueMicrotask(() => tell(vm, key, status, isConnected)),
    });
    lines.set(key, { line, purpose: purposeOf(port) });
  }

  function tell(vm: SimulatedVm, key: number, status: LineStatus, connected: boolean): void {
    const port = vm.devices.find((device) => device.key === key);
    const { connectable } = port ?? {};
    const isNews = connectable?.status !== status || connectable.connected !== connected;
    if (connectable && isNews && vm.powerState === "poweredOn") {
      vm.devices = vm.devices.map((device) =>
        device === port ? { ...device, connectable: { ...connectable, connected, status } } : device,
      );
      inventory.changed(vm);
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
    const settled = Promise.all([...console.lines.values()].map(({ line }) => line.settled));
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
    console?.lines.forEach(({ line }) => line.close());
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
    hasLines: (vm) => (consoles.get(vm)?.lines.size ?? 0) > 0,
    migrate: async (vm) => {
      await Promise.all([...(consoles.get(vm)?.lines.values() ?? [])].map(({ line }) => line.migrate()));
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

/** Another one needs another connection. */
function purposeOf({ backing, connectable }: VmDevice): string {
  return JSON.stringify([backing, connectable?.connection]);
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
