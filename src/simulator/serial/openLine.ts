/** Opens the line that the backing of a serial port asks for. */
import { parseSerialAddress } from "./address.js";
import { createDirectLine } from "./directLine.js";
import type { Line, LineOptions } from "./line.js";
import { createProxyLine } from "./proxyLine.js";

/** Connects at once. */
export function openLine(options: LineOptions): Line {
  const { serviceURI: serviceUri = "", proxyURI: proxyUri, direction = "server" } = options.backing.fields;
  const address = parseSerialAddress(proxyUri ?? serviceUri);
  if (proxyUri !== undefined) {
    const isTaken = address?.isTelnet === true && address.host !== "";
    return isTaken ? createProxyLine(options, address, { serviceUri, direction }) : brokenLine(options);
  }
  // A client that connects must specify the target.
  const isUsable = address && (direction === "server" || address.host !== "");
  return isUsable ? createDirectLine(options, address, direction === "server") : brokenLine(options);
}

/** The address cannot be used: what vSphere notices at the power-on only. */
function brokenLine({ onStatus }: LineOptions): Line {
  onStatus("unrecoverableError", false);
  return {
    write: () => "lost",
    settled: Promise.resolve(),
    migrate: () => Promise.resolve(),
    close: () => undefined,
  };
}
