/** Changes a VM's firmware and its settings, which vSphere accepts only while the VM is off. */
import { defined } from "../base/defined.js";
import { MachineError } from "../model/machine/errors.js";
import type { Firmware, MachineChange } from "../model/machine/inventory.js";
import { type BootOptions, readBootOptions, toBootOptions } from "./bootOrder.js";
import { decodeFirmware } from "./hardware.js";
import type { MoRef } from "./moRef.js";
import { readProperties, reported } from "./properties.js";
import type { VimSession } from "./session.js";
import { booleanOf, fieldOf, numberOf, textOf } from "./soapValue.js";

/** Resolves with false if nothing has to change. Throws MachineError, VimFault or VimTransportError. */
export async function configureFirmware(
  session: VimSession,
  machine: MoRef,
  change: MachineChange,
  /** Reconfigures the VM with a ConfigSpec. */
  reconfigure: (spec: Record<string, unknown>) => Promise<void>,
): Promise<boolean> {
  const present = await readSettings(session, machine);
  if (isInForce(change, present)) {
    return false;
  }
  if (change.secureBootEnabled === true && (change.firmware ?? present.firmware) === "bios") {
    throw new MachineError("unsupported", "secure boot needs EFI firmware, and the VM has a BIOS");
  }
  if (present.powerState !== "poweredOff") {
    const state = present.powerState === "suspended" ? "suspended" : "on";
    throw new MachineError(
      "invalidState",
      `the VM is ${state}, and vSphere changes firmware settings only while it is off: switch it off first`,
    );
  }
  await reconfigure(specOf(change, present));
  return true;
}

interface Settings {
  readonly powerState: string | undefined;
  readonly firmware: Firmware | undefined;
  readonly bootDelayMs: number | undefined;
  readonly secureBootEnabled: boolean;
  readonly boot: BootOptions;
}

async function readSettings(session: VimSession, machine: MoRef): Promise<Settings> {
  const paths = ["runtime.powerState", "config.firmware", "config.bootOptions"];
  const [properties, boot] = await Promise.all([
    readProperties(session, machine, paths),
    readBootOptions(session, machine),
  ]);
  const options = reported(properties, "config.bootOptions");
  return {
    powerState: textOf(reported(properties, "runtime.powerState")),
    firmware: decodeFirmware(reported(properties, "config.firmware")),
    bootDelayMs: numberOf(fieldOf(options, "bootDelay")),
    secureBootEnabled: booleanOf(fieldOf(options, "efiSecureBootEnabled")) ?? false,
    boot,
  };
}

function isInForce({ firmware, bootDelayMs, secureBootEnabled }: MachineChange, present: Settings): boolean {
  return (
    (firmware === undefined || firmware === present.firmware) &&
    (bootDelayMs === undefined || bootDelayMs === present.bootDelayMs) &&
    (secureBootEnabled === undefined || secureBootEnabled === present.secureBootEnabled)
  );
}

/** vim25 VirtualMachineConfigSpec, fields in the order of the API. */
function specOf(
  { firmware, bootDelayMs, secureBootEnabled }: MachineChange,
  present: Settings,
): Record<string, unknown> {
  // A BIOS does not support secure boot.
  const isLost = firmware === "bios" && present.secureBootEnabled;
  const secureBoot = isLost ? false : secureBootEnabled;
  // govmomi's simulator clears boot options that are left out; vCenter keeps them.
  const { enterBIOSSetup, bootOrder } = toBootOptions(present.boot.enterBiosSetup, present.boot.order);
  const bootOptions = defined({
    bootDelay: bootDelayMs,
    enterBIOSSetup,
    efiSecureBootEnabled: secureBoot,
    bootOrder,
  });
  return defined({
    bootOptions: (bootDelayMs ?? secureBoot) === undefined ? undefined : bootOptions,
    firmware,
  });
}
