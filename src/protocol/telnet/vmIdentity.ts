/** Who a VM says it is. */

export interface VmIdentity {
  /** `C` or `S`: the VM's port was configured as client or server. */
  readonly direction: string;
  readonly serviceUri: string;
  /** config.instanceUuid and config.uuid, canonical lower-case text; undefined where the VM does not tell. */
  readonly vcUuid: string | undefined;
  readonly biosUuid: string | undefined;
  /** Display name: good for a log, never to tell VMs apart. */
  readonly name: string | undefined;
}

/**
 * `01 23 45 67 89 ab cd ef-fe dc ba 98 00 00 00 00` → canonical lower-case text: the digits in order, no bytes swapped.
 * undefined where there are not 32 hex digits.
 */
export function canonicalUuid(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, "").toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits)
    ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    : undefined;
}
