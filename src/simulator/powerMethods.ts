/** Power, guest, reconfiguration and interrupt of a VM, with the states and faults of the API. */
import { startedDevices } from "./devices.js";
import { argument, vmOf, type Call, type Method } from "./call.js";
import { Fault } from "./fault.js";
import { askFirst } from "./questionMethods.js";
import { checkValue } from "./schema.js";
import { decodeReference } from "./selection.js";
import type { BootOptions, PowerState, SimulatedVm } from "./simulatedVm.js";
import { reference, symbol } from "./value.js";
import { child, childrenOf, type Element } from "./xml.js";

/** Throws InvalidPowerState unless the VM is in one of the states. */
function requireState(vm: SimulatedVm, requested: PowerState, allowed: readonly PowerState[]): void {
  if (!allowed.includes(vm.powerState)) {
    throw new Fault(
      "InvalidPowerState",
      `The attempted operation cannot be performed in the current state (${vm.powerState}).`,
      {
        requestedState: symbol("VirtualMachinePowerState", requested),
        existingState: symbol("VirtualMachinePowerState", vm.powerState),
      },
    );
  }
}

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
      const check = (): void => requireState(vm, result, isCallingOff ? [...allowed, "poweredOff"] : allowed);
      const work = (): void => {
        check();
        switchTo(call, vm, result);
      };
      const holdUp = (goOn: (fault?: Fault) => void): boolean =>
        result === "poweredOn" && vm.powerState === "poweredOff" && askFirst(call, vm, goOn);
      const task = call.service.tasks.begin(call.request.name, vm, work, { check, holdUp });
      return reference(task.type, task.id);
    },
  };
}

function switchTo({ service }: Call, vm: SimulatedVm, state: PowerState): void {
  const isReset = state === "poweredOn" && vm.powerState === "poweredOn";
  const now = state === "poweredOn" ? new Date() : undefined;
  // The API: "the timestamp when the virtual machine was most recently powered on", which no reset is.
  vm.bootTime = isReset ? vm.bootTime : now;
  vm.runsSince = now;
  if (state === "poweredOn" && vm.powerState === "poweredOff") {
    vm.devices = startedDevices(vm.devices);
  }
  vm.powerState = state;
  vm.hasBootFailed = state === "poweredOn" && exceedsLimits(vm.bootOptions);
  // The firmware set-up is entered once, and vSphere forgets the wish then.
  if (state === "poweredOn") {
    vm.bootOptions = { ...vm.bootOptions, enterBiosSetup: false };
  }
  service.inventory.changed(vm);
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
  return () => {
    vm.host = host;
    vm.runsSince = vm.runsSince && new Date();
    call.service.inventory.changed(vm);
  };
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
      call.service.later(call.service.guestShutdownMs(), () => {
        if (vm.powerState === "poweredOn") {
          switchTo(call, vm, result);
        }
      });
      return undefined;
    },
  };
}

/** Checks the whole specification first: a reconfiguration that fails changes nothing. */
function reconfigure(call: Call): () => void {
  const vm = vmOf(call);
  const spec = argument(call, "spec");
  const name = child(spec, "name")?.text;
  const { vms } = call.service.inventory;
  if (name !== undefined && [...vms.values()].some((other) => other !== vm && other.name === name)) {
    throw new Fault("DuplicateName", `The name '${name}' already exists.`);
  }
  const options = child(spec, "bootOptions");
  if (childrenOf(options, "bootOrder").length > 0 && call.service.refusesBootOrderWhileOn()) {
    requireState(vm, "poweredOff", ["poweredOff"]);
  }
  const bootOptions = options ? mergeBootOptions(vm, options) : vm.bootOptions;
  const firmware = child(spec, "firmware")?.text ?? vm.firmware;
  const secureBoot = child(options, "efiSecureBootEnabled")?.text ?? String(vm.hasSecureBoot);
  if (firmware !== vm.firmware || secureBoot !== String(vm.hasSecureBoot)) {
    requireState(vm, "poweredOff", ["poweredOff"]);
  }
  return () => {
    vm.name = name ?? vm.name;
    vm.bootOptions = bootOptions;
    vm.bootDelayMs = Number(child(options, "bootDelay")?.text ?? vm.bootDelayMs);
    vm.firmware = firmware;
    vm.hasSecureBoot = secureBoot === "true";
    vm.changeVersion++;
    call.service.inventory.changed(vm);
  };
}

/** Fields that the request leaves out stay; an order of the base class alone clears the order. */
function mergeBootOptions({ bootOptions: present, devices }: SimulatedVm, options: Element): BootOptions {
  const order = childrenOf(options, "bootOrder").map((element) => decodeBootable(element, devices));
  const isCleared = order.some(({ type }) => type === "VirtualMachineBootOptionsBootableDevice");
  const enterBios = child(options, "enterBIOSSetup")?.text;
  return {
    enterBiosSetup: enterBios === undefined ? present.enterBiosSetup : enterBios === "true",
    bootOrder: isCleared ? [] : order.length === 0 ? present.bootOrder : order,
  };
}

function decodeBootable(element: Element, devices: SimulatedVm["devices"]): BootOptions["bootOrder"][number] {
  const type = element.xsiType ?? "VirtualMachineBootOptionsBootableDevice";
  const key = child(element, "deviceKey")?.text;
  if (key === undefined) {
    return { type };
  }
  if (!devices.some((device) => device.key === Number(key))) {
    throw new Fault("InvalidDeviceSpec", `Invalid configuration for device '${key}'.`);
  }
  return { type, deviceKey: Number(key) };
}

export const powerMethods: Readonly<Record<string, Method>> = {
  PowerOnVM_Task: powerTask("poweredOn", ["poweredOff", "suspended"], ["host"]),
  PowerOffVM_Task: powerTask("poweredOff", ["poweredOn", "suspended"]),
  ResetVM_Task: powerTask("poweredOn", ["poweredOn"]),
  MigrateVM_Task: {
    parameters: ["pool", "host", "priority", "state"],
    run: (call) => {
      const task = call.service.tasks.begin(call.request.name, vmOf(call), migrate(call));
      return reference(task.type, task.id);
    },
  },
  SuspendVM_Task: powerTask("suspended", ["poweredOn"]),
  ShutdownGuest: guestOperation("poweredOff"),
  RebootGuest: guestOperation("poweredOn"),
  ReconfigVM_Task: {
    parameters: ["spec"],
    run: (call) => {
      checkValue(argument(call, "spec"), "VirtualMachineConfigSpec");
      const task = call.service.tasks.begin(call.request.name, vmOf(call), () => reconfigure(call)());
      return reference(task.type, task.id);
    },
  },
  SendNMI: {
    parameters: [],
    run: (call) => {
      const vm = vmOf(call);
      requireState(vm, "poweredOn", ["poweredOn"]);
      vm.nmiCount++;
      return undefined;
    },
  },
};
