/** SMBIOS 2.7: the first three fields of a UUID least significant byte first, written out by hand. */
export function swapUuid(uuid: string): string {
  return uuid.replace(
    /^(..)(..)(..)(..)-(..)(..)-(..)(..)-/,
    (_all, a: string, b: string, c: string, d: string, e: string, f: string, g: string, h: string) =>
      `${d}${c}${b}${a}-${f}${e}-${h}${g}-`,
  );
}
