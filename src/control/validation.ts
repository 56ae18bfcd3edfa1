/** What a BMC may be made of: checked by the command line before it asks, and by the daemon before it writes. */
import { readAddress } from "../io/address/spelling.js";
import type { AddRequest } from "./messages.js";

/** Password and name lengths are those of IPMI (IPMI 2.0 §22.28-30), in bytes. */
const longestUserName = 16;
const longestPassword = 20;

const macAddress = /^[0-9a-f]{2}([:-])[0-9a-f]{2}(\1[0-9a-f]{2}){4}$/i;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** `host`, `host:port`, `[v6]`, `[v6]:port` and a bare `v6`. */
const server = /^([^:[\]/@\s]+(:\d{1,5})?|\[[0-9a-f:.%]+\](:\d{1,5})?|[0-9a-f:.]+)$/i;
const thumbprint = /^([0-9a-f]{40}|[0-9a-f]{64})$/i;
const longestKg = 20;
const kgDigits = /^(0x)?[0-9a-f]{40}$/i;
const lineBreaks = /[\0\r\n]/;

export const halfCredentials = "A password and username are required to use VI Server authentication";

/** One line that says what is wrong and what would be right; undefined when nothing is. */
export function addFault(request: AddRequest): string | undefined {
  const { username, password, port, address, fakemac, vm_uuid: vmUuid, viserver_username: account } = request;
  const { viserver, viserver_thumbprint: pin, kg = "", redfish_port: redfishPort } = request;
  const rules: readonly (readonly [boolean, string])[] = [
    [port < 1 || port > 65535, `port ${port} is not from 1 to 65535`],
    [
      redfishPort !== undefined && (redfishPort < 1 || redfishPort > 65535),
      `redfish-port ${redfishPort ?? ""} is not from 1 to 65535`,
    ],
    [readAddress(address) === undefined, `address ${address} is no IPv4 or IPv6 address and no host name`],
    [
      fakemac !== null && !macAddress.test(fakemac),
      `fakemac ${fakemac ?? ""} is no MAC address like 02:00:00:12:34:56`,
    ],
    [
      vmUuid !== null && !uuid.test(vmUuid),
      `vm-uuid ${vmUuid ?? ""} is no UUID like 4224e8b5-1e2d-3c4b-5a69-788796a5b4c3`,
    ],
    [username === "", "the user name must not be empty"],
    [Buffer.byteLength(username) > longestUserName, `the user name is longer than ${longestUserName} bytes`],
    [Buffer.byteLength(password) > longestPassword, `the password is longer than ${longestPassword} bytes`],
    [
      viserver !== null && !server.test(viserver),
      `viserver ${viserver ?? ""} is no address: use host, host:port, [IPv6] or [IPv6]:port`,
    ],
    [
      pin !== undefined && !thumbprint.test(pin.replaceAll(":", "")),
      `viserver-thumbprint ${pin ?? ""} is no SHA-256 or SHA-1 fingerprint (64 or 40 hex digits, colons allowed)`,
    ],
    [
      pin !== undefined && request.viserver_insecure === true,
      "viserver-thumbprint and viserver-insecure exclude each other",
    ],
    [
      Buffer.byteLength(kg) > longestKg && !kgDigits.test(kg),
      `kg is longer than ${longestKg} bytes of text, and not 0x and 40 hex digits`,
    ],
    [request.kg === "", "kg must not be empty"],
    [(account === null) !== (request.viserver_password === null), halfCredentials],
    [
      Object.values(request).some((value) => typeof value === "string" && lineBreaks.test(value)),
      "a value holds a line break",
    ],
  ];
  return rules.find(([isBroken]) => isBroken)?.[1];
}
