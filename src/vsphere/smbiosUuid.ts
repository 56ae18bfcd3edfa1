/** The UUID that a guest reads in SMBIOS, where vSphere's config.uuid is the one that its BIOS was given. */

/** From virtual hardware 13 on SMBIOS is 2.7, in which the first three fields are little-endian. */
const firstSwapped = 13;

/** `421f245c-7fa8-60fa-…` ↔ `5c241f42-a87f-fa60-…`. */
export function swapUuid(uuid: string): string {
  return uuid
    .split("-")
    .map((field, index) => (index < 3 ? (field.match(/../g) ?? []).reverse().join("") : field))
    .join("-");
}

/** Whether guests of this config.version, e.g. `vmx-19`, read the swapped form unless told otherwise. */
export function isSwapped(hardwareVersion: string | undefined): boolean {
  return Number(/^vmx-(\d+)$/.exec(hardwareVersion ?? "")?.[1] ?? 0) >= firstSwapped;
}

/** The extraConfig entry that, when FALSE, keeps a VM at SMBIOS 2.4. PropertyCollector paths name an entry by its key. */
export const smbiosPath = 'config.extraConfig["acpi.smbiosVersion2.7"]';
