/** The addresses of this host. */
import { networkInterfaces } from "node:os";

/** Link-local IPv6 addresses include their interface (`fe80::1%eth0`), which is required to bind them. */
export function hostAddresses(ipv4Only: boolean): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family }) => !ipv4Only || family === "IPv4")
      .map(({ address }) => (address.startsWith("fe80:") ? `${address}%${name}` : address)),
  );
}
