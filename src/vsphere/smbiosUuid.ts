/** Converts vSphere's config.uuid to the UUID that a guest reads in SMBIOS. */

/** Since virtual hardware 13 SMBIOS is 2.7, with the first three fields little-endian. */
const firstSwapped = 13;

/** `421f245c-7fa8-60fa-…` ↔ `5c241f42-a87f-fa60-…`. */
export function swapUuid(uuid: string): string {
  return uuid
    .split("-")
    .map((field, index) => (index < 3 ? (field.match(/../g) ?? []).reverse().join("") : field))
    .join("-");
}

/** Whether guests of this config.version, e.g. `vmx-19`, see the swapped form by default. */
export function isSwapped(hardwareVersion: string | undefined): boolean {
  return Number(/^vmx-(\d+)$/.exec(hardwareVersion ?? "")?.[1] ?? 0) >= firstSwapped;
}

/** The extraConfig entry that, when FALSE, keeps a VM at SMBIOS 2.4. PropertyCollector paths name an entry by its key. */
export const smbiosPath = 'config.extraConfig["acpi.smbiosVersion2.7"]';
