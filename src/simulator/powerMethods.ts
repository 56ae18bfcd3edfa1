/** Power, guest, reconfiguration and interrupt of a VM, with the states and faults of the API. */
import { argument, vmOf, type Call, type Method } from "./call.js";
import { Fault } from "./fault.js";
import { checkValue } from "./schema.js";
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
      const task = call.service.tasks.begin(call.request.name, vm, () => {
        requireState(vm, result, allowed);
        switchTo(call, vm, result);
      });
      return reference(task.type, task.id);
    },
  };
}

function switchTo(call: Call, vm: SimulatedVm, state: PowerState): void {
  vm.bootTime = state === "poweredOn" ? new Date() : undefined;
  vm.powerState = state;
  // The firmware set-up is entered once, and vSphere forgets the wish then.
  if (state === "poweredOn") {
    vm.bootOptions = { ...vm.bootOptions, enterBiosSetup: false };
  }
  call.service.inventory.changed(vm);
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
  const bootOptions = options ? mergeBootOptions(vm, options) : vm.bootOptions;
  return () => {
    vm.name = name ?? vm.name;
    vm.bootOptions = bootOptions;
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
