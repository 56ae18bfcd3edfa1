/** Power, guest, reconfiguration and interrupt of a VM, with the states and faults of the API. */
import { bootSource, requireImages } from "./boot.js";
import { argument, type Call, type Method, type Service, vmOf } from "./call.js";
import { startedDevices, stoppedDevices } from "./devices.js";
import { Fault } from "./fault.js";
import { requireState } from "./powerState.js";
import { lockedDoor } from "./question.js";
import { askFirst } from "./questionMethods.js";
import { reconfigurationMethods } from "./reconfiguration.js";
import { decodeReference } from "./selection.js";
import type { BootOptions, PowerState, SimulatedVm } from "./simulatedVm.js";
import { boolean, reference, text } from "./value.js";

/** A task that brings the VM into `result`; its errors are the task's, as vCenter's are. */
function powerTask(result: PowerState, allowed: readonly PowerState[], parameters: readonly string[] = []): Method {
  return {
    parameters,
    run: (call) => {
      const vm = vmOf(call);
      if (vm.isTemplate) {
        throw new Fault("NotSupported", "The operation is not supported on a template.");
      }
      const isCallingOff = result === "poweredOff" && vm.question !== undefined && call.service.powerOffEndsQuestion();
      if (isCallingOff) {
        vm.question?.settle(undefined);
      }
      const check = (): void => {
        requireState(vm, result, isCallingOff ? [...allowed, "poweredOff"] : allowed);
        if (result === "poweredOn" && vm.powerState === "poweredOff") {
          requireImages(vm.devices, call.service.inventory.fileAt);
        }
      };
      const work = (): void => {
        check();
        switchTo(call.service, vm, result);
      };
      const holdUp = (goOn: (fault?: Fault) => void): boolean =>
        result === "poweredOn" && vm.powerState === "poweredOff" && askFirst(call, vm, goOn);
      const task = call.service.tasks.begin(call.request.name, vm, work, { check, holdUp });
      return reference(task.type, task.id);
    },
  };
}

export function switchTo(service: Service, vm: SimulatedVm, state: PowerState): void {
  const isReset = state === "poweredOn" && vm.powerState === "poweredOn";
  const now = state === "poweredOn" ? new Date() : undefined;
  // The API: "the timestamp when the virtual machine was most recently powered on", which no reset is.
  vm.bootTime = isReset ? vm.bootTime : now;
  vm.runsSince = now;
  const wasSuspended = vm.powerState === "suspended";
  if (state === "poweredOn" && vm.powerState === "poweredOff") {
    vm.devices = startedDevices(vm.devices);
  }
  vm.powerState = state;
  vm.hasBootFailed = state === "poweredOn" && exceedsLimits(vm.bootOptions);
  if (state === "poweredOff") {
    vm.devices = stoppedDevices(vm.devices);
    vm.lockedDoor = undefined;
  }
  // A VM that is suspended, or resumed, goes on with what it has started from.
  if (state !== "suspended" && !wasSuspended) {
    vm.bootedFrom = state === "poweredOff" ? undefined : bootSource(vm, service.inventory.fileAt);
  }
  if (state === "poweredOn" && vm.bootedFrom?.device === "Cdrom" && service.guestsHoldCdrom()) {
    vm.lockedDoor = lockedDoor();
  }
  const { enterBiosSetup } = vm.bootOptions;
  // The firmware set-up is entered once, and vSphere forgets the wish then.
  if (state === "poweredOn") {
    vm.bootOptions = { ...vm.bootOptions, enterBiosSetup: false };
  }
  service.inventory.changed(vm);
  if (state === "poweredOn" && !wasSuspended) {
    service.consoles.started(vm, enterBiosSetup);
  }
}

/** "If bootable device is not reached before platform's limit is hit, boot will fail." */
function exceedsLimits({ bootOrder }: BootOptions): boolean {
  const count = (kind: string): number => bootOrder.filter(({ type }) => type.includes(`Bootable${kind}`)).length;
  return count("Ethernet") > 5 || count("Disk") > 8;
}

/** vMotion: the VM runs on in another process, on another host. */
function migrate(call: Call): () => void {
  const vm = vmOf(call);
  const wanted = decodeReference(argument(call, "host"));
  const host = call.service.inventory.surroundings.hosts.findIndex(({ id }) => id === wanted.id);
  if (host < 0) {
    throw new Fault("InvalidArgument", "A specified parameter was not correct: host");
  }
  return () => moveTo(call.service, vm, host);
}

function moveTo({ inventory }: Service, vm: SimulatedVm, host: number): void {
  vm.host = host;
  vm.runsSince = vm.runsSince && new Date();
  inventory.changed(vm);
}

/** As by MigrateVM_Task, from outside: to the next host. Rejects with the reason why it fails. */
export async function moveOn(service: Service, vm: SimulatedVm): Promise<void> {
  requireMovablePorts(vm);
  await service.consoles.migrate(vm);
  moveTo(service, vm, (vm.host + 1) % service.inventory.surroundings.hosts.length);
}

/** Its serial ports move with it: both connections are there for a moment. */
function moveConsoles({ service }: Call, vm: SimulatedVm, goOn: (fault?: Fault) => void): boolean {
  if (!service.consoles.hasLines(vm)) {
    return false;
  }
  service.consoles.migrate(vm).then(
    () => goOn(),
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      goOn(new Fault("GenericVmConfigFault", `The migration of the virtual serial port failed: ${reason}.`));
    },
  );
  return true;
}

/** Throws CannotAccessVmDevice for a serial port that is tied to the host. */
function requireMovablePorts({ devices, powerState }: SimulatedVm): void {
  for (const { type, label, backing, connectable } of devices) {
    const isTied = type === "VirtualSerialPort" && backing?.fields["proxyURI"] === undefined;
    if (powerState === "poweredOn" && isTied && connectable?.connected === true) {
      const uses = backing?.fields["serviceURI"] ?? "";
      throw new Fault(
        "CannotAccessVmDevice",
        `Currently connected device '${label}' uses backing '${uses}', which is not accessible.`,
        { device: text(label), backing: text(uses), connected: boolean(true) },
      );
    }
  }
}

function guestOperation(result: PowerState): Method {
  return {
    parameters: [],
    run: (call) => {
      const vm = vmOf(call);
      requireState(vm, result, ["poweredOn"]);
      if (!vm.toolsRunning) {
        const why = "Cannot complete operation because VMware Tools is not running in this virtual machine.";
        throw new Fault("ToolsUnavailable", why);
      }
      const { bootTime } = vm;
      call.service.consoles.goesDown(vm, result === "poweredOff" ? "off" : "restart");
      call.service.later(call.service.guestShutdownMs(), () => {
        // A guest that was switched off meanwhile has forgotten what it was asked to do.
        if (vm.powerState === "poweredOn" && vm.bootTime === bootTime) {
          switchTo(call.service, vm, result);
          if (result === "poweredOn") {
            restartTools(call.service, vm);
          }
        }
      });
      return undefined;
    },
  };
}

/** A guest that restarts is seen in nothing but VMware Tools, which stop and start. */
function restartTools(service: Service, vm: SimulatedVm): void {
  vm.toolsRunning = false;
  service.inventory.changed(vm);
  service.later(toolsStartMs, () => {
    vm.toolsRunning = true;
    service.inventory.changed(vm);
  });
}

const toolsStartMs = 300;

export const powerMethods: Readonly<Record<string, Method>> = {
  PowerOnVM_Task: powerTask("poweredOn", ["poweredOff", "suspended"], ["host"]),
  PowerOffVM_Task: powerTask("poweredOff", ["poweredOn", "suspended"]),
  ResetVM_Task: powerTask("poweredOn", ["poweredOn"]),
  MigrateVM_Task: {
    parameters: ["pool", "host", "priority", "state"],
    run: (call) => {
      const vm = vmOf(call);
      const task = call.service.tasks.begin(call.request.name, vm, migrate(call), {
        check: () => requireMovablePorts(vm),
        holdUp: (goOn) => moveConsoles(call, vm, goOn),
      });
      return reference(task.type, task.id);
    },
  },
  SuspendVM_Task: powerTask("suspended", ["poweredOn"]),
  ShutdownGuest: guestOperation("poweredOff"),
  RebootGuest: guestOperation("poweredOn"),
  ...reconfigurationMethods,
  SendNMI: {
    parameters: [],
    run: (call) => {
      const vm = vmOf(call);
      requireState(vm, "poweredOn", ["poweredOn"]);
      vm.nmiCount++;
      call.service.consoles.interrupted(vm);
      return undefined;
    },
  },
};
