/** Reads the address of a BMC in every spelling that Python's getaddrinfo accepts. */
import { isIPv6, SocketAddress } from "node:net";
import { networkInterfaces } from "node:os";
import { domainToASCII } from "node:url";

export type Address =
  /** An IPv4 or IPv6 address, always in the same spelling: `127.0.0.1`, `::1`, `fe80::1%eth0`. */
  | { readonly kind: "ip"; readonly address: string }
  /** A host name in lower case and ASCII. */
  | { readonly kind: "name"; readonly name: string };

/** One to four parts, each decimal, octal (`010`) or hexadecimal (`0x7f`): inet_aton(3). */
const ipv4Parts = /^(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}$/i;
const mappedIpv4 = /^::ffff:(\d+(?:\.\d+){3})$/;
/** RFC 1123 §2.1, plus `_`, which resolvers accept; a last label of digits only is a mistyped address. */
const hostName =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?!\d+\.?$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?$/;

/** Accepts brackets around an address. undefined for anything else than an address or a host name. */
export function readAddress(text: string): Address | undefined {
  const plain = text
    .normalize("NFKC")
    .trim()
    .replace(/^\[(.*)\]$/, "$1");
  const ip = ipv4Parts.test(plain) ? ipv4Of(plain) : ipv6Of(plain);
  if (ip !== undefined) {
    return { kind: "ip", address: ip };
  }
  const name = domainToASCII(plain);
  return hostName.test(name) && !ipv4Parts.test(plain) ? { kind: "name", name: name.replace(/\.$/, "") } : undefined;
}

function ipv4Of(text: string): string | undefined {
  // The URL Standard parses the host of a URL like inet_aton.
  return URL.canParse(`http://${text}/`) ? new URL(`http://${text}/`).hostname : undefined;
}

function ipv6Of(text: string): string | undefined {
  const [base = "", zone, ...others] = text.split("%");
  if (!isIPv6(base) || zone === "" || others.length > 0) {
    return undefined;
  }
  const { address } = new SocketAddress({ address: base, family: "ipv6" });
  return mappedIpv4.exec(address)?.[1] ?? (zone === undefined ? address : `${address}%${interfaceOf(zone)}`);
}

/** An interface may be given by its number. */
function interfaceOf(zone: string): string {
  const has = (addresses: ReturnType<typeof networkInterfaces>[string]) =>
    addresses?.some((each) => each.family === "IPv6" && String(each.scopeid) === zone) ?? false;
  return Object.entries(networkInterfaces()).find(([, addresses]) => has(addresses))?.[0] ?? zone;
}
