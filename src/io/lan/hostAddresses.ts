/** The addresses of this host. */
import { networkInterfaces } from "node:os";

/** Link-local IPv6 addresses carry their interface (`fe80::1%eth0`), without which they cannot be bound. */
export function hostAddresses(ipv4Only: boolean): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family }) => !ipv4Only || family === "IPv4")
      .map(({ address }) => (address.startsWith("fe80:") ? `${address}%${name}` : address)),
  );
}
