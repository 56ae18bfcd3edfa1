/** How a BMC reaches the serial port of its VM. */
import * as v from "valibot";

import { readAddress } from "../../io/address/spelling.js";

export type ConsoleSetting =
  | { readonly kind: "off" | "concentrator" }
  /** connect: to the ESXi host; listen: on an address of this host, for the VM. */
  | {
      readonly kind: "connect" | "listen";
      readonly protocol: "tcp" | "telnet";
      readonly address: string;
      readonly port: number;
    };

const message =
  "must be off, concentrator, tcp://HOST:PORT or telnet://HOST:PORT (the daemon connects), or tcp-listen://ADDRESS:PORT or " +
  "telnet-listen://ADDRESS:PORT (the VM connects)";

const words: Readonly<Record<string, ConsoleSetting>> = {
  off: { kind: "off" },
  concentrator: { kind: "concentrator" },
};

function read(text: string): ConsoleSetting | undefined {
  const word = words[text.toLowerCase()];
  if (word !== undefined) {
    return word;
  }
  const [, protocol, listen, host = "", digits] =
    /^(tcp|telnet)(-listen)?(?::\/\/|\s+)(\[[^\]]+\]|[^:\s]+):(\d{1,5})$/i.exec(text) ?? [];
  const address = readAddress(host);
  const port = Number(digits);
  if (protocol === undefined || address === undefined || port < 1 || port > 65_535) {
    return undefined;
  }
  const name = address.kind === "ip" ? address.address : address.name;
  return {
    kind: listen === undefined ? "connect" : "listen",
    protocol: protocol.toLowerCase() === "tcp" ? "tcp" : "telnet",
    address: name,
    port,
  };
}

export const consoleSetting = v.pipe(
  v.string(),
  v.transform((text) => read(text.trim())),
  v.custom<ConsoleSetting>((value) => value !== undefined, message),
);
