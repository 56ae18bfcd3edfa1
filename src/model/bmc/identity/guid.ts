/** The GUID of a BMC and its system: the VM's UUID if known (IPMI 2.0 §20.8). */
import { createHash } from "node:crypto";

/**
 * The 16 bytes on the wire, in the order of SMBIOS: the first three fields least significant byte first, so that
 * `ipmitool mc guid` and the guest's dmidecode show the same text. `uuid` is canonical text.
 */
export function encodeGuid(uuid: string): Buffer {
  const bytes = Buffer.from(uuid.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** Whether it is canonical text, in upper or lower case. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** A UUID for the VM until vSphere has reported its own: always the same for a name (RFC 9562 §5.8). */
export function uuidOfName(vmName: string): string {
  const hash = createHash("sha256").update("vbmc4vsphere\0").update(vmName).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
