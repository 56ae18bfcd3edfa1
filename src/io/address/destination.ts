/**
 * Decides where the daemon may connect on behalf of a BMC's user, who could otherwise reach hosts that are off limits.
 */
import { BlockList, isIP, isIPv6 } from "node:net";

const never = new BlockList();
never.addSubnet("0.0.0.0", 8, "ipv4");
never.addSubnet("169.254.0.0", 16, "ipv4");
never.addSubnet("224.0.0.0", 4, "ipv4");
never.addAddress("255.255.255.255", "ipv4");
never.addAddress("::", "ipv6");
never.addSubnet("fe80::", 10, "ipv6");
never.addSubnet("ff00::", 8, "ipv6");

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** IPv4 addresses in IPv6 form are treated as IPv4. With `allowsLoopback`, this host counts as any other. */
export function isOutside(address: string, { allowsLoopback = false } = {}): boolean {
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  return isIP(address) !== 0 && !never.check(address, family) && (allowsLoopback || !loopback.check(address, family));
}
