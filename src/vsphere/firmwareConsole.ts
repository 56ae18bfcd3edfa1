/**
 * EFI firmware shows its menus and messages at the first serial port only where the VM's advanced option asks for it; the BIOS
 * of VMware never does.
 */
import { toMachineError } from "./faults.js";
import type { Properties } from "./properties.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";

/** The properties that determine whether it does. */
export const firmwarePaths = ["config.firmware", "config.extraConfig"];

/** Keys of extraConfig are the same in either case. */
const option = "efi.serialconsole.enabled";

/** undefined: the VM has a BIOS. */
export function showsFirmware(properties: Properties): boolean | undefined {
  if (textOf(properties.get("config.firmware")) !== "efi") {
    return undefined;
  }
  return listOf(properties.get("config.extraConfig"), "OptionValue").some(
    (each) =>
      textOf(fieldOf(each, "key"))?.toLowerCase() === option &&
      textOf(fieldOf(each, "value"))?.toLowerCase() === "true",
  );
}

/** Resolves with why it cannot be: that is no reason to go without a console. */
export async function showFirmware(
  reconfigure: (spec: Record<string, unknown>) => Promise<void>,
): Promise<string | undefined> {
  const value = {
    attributes: { "xsi:type": "xsd:string", "xmlns:xsd": "http://www.w3.org/2001/XMLSchema" },
    $value: "TRUE",
  };
  try {
    await reconfigure({ extraConfig: [{ attributes: { "xsi:type": "vim25:OptionValue" }, key: option, value }] });
    return undefined;
  } catch (error) {
    return (
      `the firmware is not on the console, since ${option} = TRUE could not be set in the VM's advanced options ` +
      `(${toMachineError(error).message}); it needs VirtualMachine.Config.AdvancedConfig`
    );
  }
}
