/** Warns about an address that this host does not have. */
import { networkInterfaces } from "node:os";

import { reasonOf } from "../base/errors.js";
import { resolveAddress } from "../io/address/resolve.js";
import type { CliContext } from "./context.js";

/** Timeout for the name server, ms. */
const resolveTimeoutMs = 2_000;

/** Only a warning, since the address may appear later (a VPN, a container's network, an entry in DNS). */
export async function warnOfForeignAddress(address: string, { error }: CliContext): Promise<void> {
  try {
    const resolved = await resolveAddress(address, resolveTimeoutMs);
    if (isOwn(resolved)) {
      return;
    }
    const shown = resolved === address ? address : `${address} (${resolved})`;
    error(`warning: ${shown} is not an address of this host now; the BMC cannot start until it is\n`);
  } catch (reason) {
    error(`warning: ${reasonOf(reason)}\n`);
  }
}

function isOwn(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map((each) => each.address) ?? []);
  const [withoutZone = ""] = address.split("%");
  return address === "::" || address === "0.0.0.0" || address.startsWith("127.") || own.includes(withoutZone);
}
