/** Preloaded, it makes this process one of a host without IPv6 (`ipv6.disable=1`): such sockets cannot be made. */
import dgram from "node:dgram";
import { syncBuiltinESMExports } from "node:module";

const { createSocket } = dgram;
const patched = (options: { type: string } | string, ...rest: unknown[]): unknown => {
  if ((typeof options === "string" ? options : options.type) === "udp6") {
    throw Object.assign(new Error("socket EAFNOSUPPORT"), { code: "EAFNOSUPPORT" });
  }
  return (createSocket as (...args: unknown[]) => unknown)(options, ...rest);
};
Object.assign(dgram, { createSocket: patched });
syncBuiltinESMExports();
