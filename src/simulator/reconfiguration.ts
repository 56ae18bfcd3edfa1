/** ReconfigVM_Task: names, boot options, firmware, devices. */
import { argument, type Call, type Method, vmOf } from "./call.js";
import { applyDeviceChanges, type DeviceContext, opensLockedDoor } from "./deviceChange.js";
import { Fault } from "./fault.js";
import { requireState } from "./powerState.js";
import { askLockedDoor } from "./questionMethods.js";
import { checkValue } from "./schema.js";
import type { BootOptions, SimulatedVm } from "./simulatedVm.js";
import { reference } from "./value.js";
import { child, childrenOf, type Element } from "./xml.js";

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
  const devices = applyDeviceChanges(childrenOf(spec, "deviceChange"), deviceContext(call, vm));
  const extraConfig = mergeExtraConfig(vm, childrenOf(spec, "extraConfig"));
  return () => {
    vm.devices = devices;
    vm.extraConfig = extraConfig;
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

function deviceContext({ service }: Call, vm: SimulatedVm): DeviceContext {
  const { datastores, fileAt } = service.inventory;
  return {
    vm,
    isDatastore: (name) => datastores.some(({ datastore }) => datastore.name === name),
    hasFile: (datastorePath) => fileAt(datastorePath) !== undefined,
  };
}

/** An empty value takes the key away. */
function mergeExtraConfig({ extraConfig }: SimulatedVm, options: readonly Element[]): SimulatedVm["extraConfig"] {
  const given = options.map(
    (option) => [child(option, "key")?.text ?? "", child(option, "value")?.text ?? ""] as const,
  );
  const merged = [...Object.entries(extraConfig).filter(([key]) => !given.some(([name]) => name === key)), ...given];
  return Object.fromEntries(merged.filter(([, value]) => value !== ""));
}

export const reconfigurationMethods: Readonly<Record<string, Method>> = {
  ReconfigVM_Task: {
    parameters: ["spec"],
    run: (call) => {
      const spec = argument(call, "spec");
      checkValue(spec, "VirtualMachineConfigSpec");
      const vm = vmOf(call);
      const holdUp = (goOn: (fault?: Fault) => void): boolean =>
        opensLockedDoor(vm, devicesAfter(call, vm, spec)) && askLockedDoor(call, vm, goOn);
      const task = call.service.tasks.begin(call.request.name, vm, () => reconfigure(call)(), { holdUp });
      return reference(task.type, task.id);
    },
  },
};

/** As they are without the changes, where these fail: the task will tell. */
function devicesAfter(call: Call, vm: SimulatedVm, spec: Element): SimulatedVm["devices"] {
  try {
    return applyDeviceChanges(childrenOf(spec, "deviceChange"), deviceContext(call, vm));
  } catch (error) {
    if (error instanceof Fault) {
      return vm.devices;
    }
    throw error;
  }
}
